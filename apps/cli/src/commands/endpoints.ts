import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { fullName, shortName, shortVersion } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { word } from '../text/state-word.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { showTime } from '../text/times.js';
import { oneLine } from '../text/width.js';

export const ENDPOINT_COLUMNS: readonly TableColumn[] = [{ title: 'ENDPOINT' }, { title: 'MODEL VERSION' }, { title: 'FOLLOWS' }, { title: 'FEATURES', shrink: true }];

/** An endpoint in one line. */
export const endpointRow = ({ name, modelVersion, alias, featureService }: Endpoint): readonly TableCell[] => [shortName(name), shortVersion(modelVersion), alias, featureService === '' ? 'in the request' : shortName(featureService)];

/** Endpoints by name. */
export async function listEndpoints(session: Session): Promise<void> {
  const inference = await session.connect(InferenceServiceDefinition);
  const { rows } = await readPages(ALL, async (part) => {
    const { endpoints, nextPageToken } = await inference.listEndpoints(part, session.call);
    return { rows: endpoints, nextPageToken };
  });
  session.answer(
    () => ({ endpoints: rows.map((endpoint) => Endpoint.toJSON(endpoint)) }),
    () => (rows.length === 0 ? 'There is no endpoint yet; the first run whose model passes the gate deploys one.\n' : session.table(ENDPOINT_COLUMNS, rows.map(endpointRow))),
  );
}

/** An endpoint with what answers there, and what a request must bring. */
export async function showEndpoint(session: Session, text: string): Promise<void> {
  const inference = await session.connect(InferenceServiceDefinition);
  const endpoint = await inference.getEndpoint({ name: fullName('endpoints', text) }, session.call);
  const registry = await session.connect(RegistryServiceDefinition);
  const { signature } = await registry.getModelVersion({ name: endpoint.modelVersion }, session.call);
  const inputs = (signature?.inputs ?? []).flatMap(({ column }) => (column ? [column] : []));
  session.answer(
    () => Endpoint.toJSON(endpoint),
    () =>
      [
        `Endpoint ${session.styled('bold', shortName(endpoint.name))}${endpoint.description === '' ? '' : `: ${oneLine(endpoint.description)}`}\n`,
        ...facts(endpoint).map(([fact, words]) => `  ${fact.padEnd(8)}  ${words}\n`),
        session.title('Inputs of the model'),
        session.table([{ title: 'INPUT' }, { title: 'TYPE' }, { title: 'MAY BE MISSING' }], inputs.map(({ name, type, nullable }) => [name, word(type), nullable ? 'yes' : 'no'])),
        session.styled('dim', `\nNext: millrace predict ${shortName(endpoint.name)} --row '{…}'\n`),
      ].join(''),
  );
}

function facts({ modelVersion, alias, featureService, guard, createTime }: Endpoint): readonly (readonly [string, string])[] {
  const action = (value: string): string => word(value).replace(/^ACTION_/, '').replace('UNSPECIFIED', 'FLAG').toLowerCase();
  return [
    ['answers', shortVersion(modelVersion)],
    ['follows', alias],
    ['features', featureService === '' ? 'in the request' : shortName(featureService)],
    ['guard', guard ? `out of range ${action(guard.outOfRange)}, unseen category ${action(guard.unseenCategory)}, missing ${action(guard.missing)}` : 'none'],
    ['since', `${showTime(createTime)} UTC`],
  ];
}
