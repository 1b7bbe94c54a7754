import { writeFile } from 'node:fs/promises';
import type { FeatureReference } from '@millrace/contracts/millrace/features/v1/feature_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { Column } from '@millrace/contracts/millrace/type/v1/schema';
import { fullName, modelRef, shortName, shortVersion } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { clientColumns, type ServedView } from './client-columns.js';
import { clientModule } from './client-module.js';

/** What `millrace generate client` may be told. */
export interface GenerateClientOptions {
  readonly endpoint?: string;
  /** Where it is written; standard output without it. */
  readonly out?: string;
}

/** Writes a module with a `predict()` whose rows are typed by the model's signature, and by the keys of the features that its endpoint reads online. */
export async function generateClient(session: Session, what: string, { endpoint: named, out }: GenerateClientOptions): Promise<void> {
  const { call } = session;
  const [inference, registry] = await Promise.all([session.connect(InferenceServiceDefinition), session.connect(RegistryServiceDefinition)]);
  const { model, version } = modelRef(what);
  const endpoint = named === undefined ? await endpointOf(session, model, version) : await inference.getEndpoint({ name: fullName('endpoints', named) }, call);
  const { name, signature } = await registry.getModelVersion({ name: version ?? endpoint.modelVersion }, call);
  if (!signature || signature.inputs.length === 0) throw errors.NO_SIGNATURE({ version: name });
  const columns = clientColumns(signature, endpoint.featureService === '' ? [] : await viewsOf(session, endpoint.featureService));
  const source = clientModule({ command: `millrace generate client ${what}${named === undefined ? '' : ` --endpoint ${shortName(endpoint.name)}`}`, endpoint: endpoint.name, modelVersion: name, columns });
  if (out !== undefined) await writeFile(out, source);
  session.answer(
    () => ({ modelVersion: name, endpoint: endpoint.name, columns, source }),
    () => (out === undefined ? source : `${out} holds predict() for ${shortName(endpoint.name)}, by ${shortVersion(name)}.\n`),
  );
}

/** The only endpoint that follows an alias of the model, or that alias. */
async function endpointOf(session: Session, model: string, version: string | undefined): Promise<Endpoint> {
  const inference = await session.connect(InferenceServiceDefinition);
  const { rows } = await readPages(ALL, async (page) => {
    const { endpoints, nextPageToken } = await inference.listEndpoints(page, session.call);
    return { rows: endpoints, nextPageToken };
  });
  const alias = version?.includes('/aliases/') === true ? version : undefined;
  const [found, ...others] = rows.filter((endpoint) => (alias === undefined ? endpoint.alias.startsWith(`${model}/aliases/`) : endpoint.alias === alias));
  if (!found) throw errors.NO_ENDPOINT({ model: alias ?? model });
  if (others.length > 0) throw errors.SEVERAL_ENDPOINTS({ model: alias ?? model, endpoints: [found, ...others].map(({ name }) => shortName(name)).join(', ') });
  return found;
}

/** What the endpoint reads online, with the columns of a row that each view is asked by. */
async function viewsOf(session: Session, featureService: string): Promise<readonly ServedView[]> {
  const store = await session.connect(FeatureStoreServiceDefinition);
  const served = async (reference: FeatureReference): Promise<ServedView> => {
    const view = await store.getFeatureView({ name: reference.featureView }, session.call);
    const names = reference.features.length === 0 ? view.features.map(({ name }) => name) : reference.features;
    const column = (each: Column): Column => ({ ...each, name: reference.keyColumns[each.name] ?? each.name });
    const below = await Promise.all((view.onDemand?.features ?? []).map(served));
    const keys = view.onDemand ? below.flatMap((inner) => inner.keys) : (await store.getEntity({ name: view.entity }, session.call)).joinKeys;
    return { features: names.map((name) => reference.prefix + name), keys: keys.map(column), asked: (view.onDemand?.requestColumns ?? []).map(column) };
  };
  const { features } = await store.getFeatureService({ name: featureService }, session.call);
  return Promise.all(features.map(served));
}
