import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { Model, ModelVersion, type ParityCertificate } from '@millrace/contracts/millrace/registry/v1/model';
import { lastPart, modelRef, shortName, shortVersion } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count, plural, shortDigest } from '../text/figures.js';
import type { TableCell } from '../text/table.js';
import { showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';

/** Models by name. */
export async function listModels(session: Session): Promise<void> {
  const registry = await session.connect(RegistryServiceDefinition);
  const { rows } = await readPages(ALL, async (part) => {
    const { models, nextPageToken } = await registry.listModels(part, session.call);
    return { rows: models, nextPageToken };
  });
  session.answer(
    () => ({ models: rows.map((model) => Model.toJSON(model)) }),
    () =>
      rows.length === 0
        ? 'There is no model yet; a run of a pipeline registers what passes its gate.\n'
        : session.table([{ title: 'MODEL' }, { title: 'LATEST', align: 'right' }, { title: 'SINCE (UTC)' }, { title: 'DESCRIPTION', shrink: true }], rows.map(({ name, latestVersion, createTime, description }) => [shortName(name), lastPart(latestVersion), showTime(createTime), description])),
  );
}

/** Versions of one model, newest first. */
export async function listVersions(session: Session, name: string, { limit: text }: { readonly limit: string }): Promise<void> {
  const limit = limitOption(text);
  const { model } = modelRef(name);
  const registry = await session.connect(RegistryServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { modelVersions, nextPageToken } = await registry.listModelVersions({ parent: model, ...part }, session.call);
    return { rows: modelVersions, nextPageToken };
  });
  session.answer(
    () => ({ modelVersions: rows.map((version) => ModelVersion.toJSON(version)) }),
    () =>
      rows.length === 0
        ? `${model} has no version yet; a run of its pipeline registers what passes the gate.\n`
        : session.table(
            [{ title: 'VERSION', align: 'right' }, { title: 'ALIASES' }, { title: 'AUC', align: 'right' }, { title: 'LOG LOSS', align: 'right' }, { title: 'ECE', align: 'right' }, { title: 'CERTIFICATE' }, { title: 'DATA' }, { title: 'DIGEST' }, { title: 'MADE (UTC)' }],
            rows.map(({ name: version, aliases, metrics, certificate, origin, modelDigest, createTime }) => [lastPart(version), aliases.join(', '), metric(metrics, 'auc'), metric(metrics, 'log_loss'), metric(metrics, 'ece'), certificateCell(certificate), origin ? shortVersion(origin.datasetVersion) : '', shortDigest(modelDigest), showTime(createTime)]),
          ) + moreLine(more, limit),
  );
}

const metric = (metrics: Readonly<Record<string, number>>, name: string): string => metrics[name]?.toFixed(4) ?? '';

/** Whether serving gives the bits of batch scoring. */
export function certificateCell(certificate: ParityCertificate | undefined): TableCell {
  if (!certificate) return { text: 'none', style: 'dim' };
  const { rows, equal } = certificate;
  return equal === rows ? { text: `${plural(rows, 'row')} bit-equal`, style: 'good' } : { text: `${count(equal)} of ${count(rows)} rows bit-equal`, style: 'bad' };
}
