import type { FeatureReference } from '@millrace/contracts/millrace/features/v1/feature_service';
import type { CheckFeaturesRequest, CheckFeaturesResponse, FeatureStoreServiceDefinition, ServedVector } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { LoggedPrediction } from '@millrace/contracts/millrace/inference/v1/prediction';
import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { Client } from '@millrace/rpc';
import { errors } from '../errors.js';

/** Whom a check asks. */
export interface CheckClients {
  readonly features: Pick<Client<typeof FeatureStoreServiceDefinition>, 'getFeatureService' | 'getFeatureView' | 'checkFeatures'>;
  readonly inference: Pick<Client<typeof InferenceServiceDefinition>, 'getEndpoint' | 'listPredictions'>;
  readonly ingestion: Pick<Client<typeof IngestionServiceDefinition>, 'getDatasetVersion'>;
}

/** What an endpoint served against what history says. */
export interface FeatureCheck extends CheckFeaturesResponse {
  /** Predictions of a time that history does not reach yet; they were passed over. */
  readonly later: number;
  /** Features of views on demand that read of the request a column which the log does not have, because it is no input of the model; they were passed over, each with that column. */
  readonly notLogged: ReadonlyMap<string, string>;
}

/** What is checked. */
export interface CheckFeaturesOptions {
  readonly endpoint: string;
  /** The newest so many predictions. */
  readonly sample: number;
  readonly signal?: AbortSignal;
}

const PAGE = 500;

/** Has the features of the newest logged predictions computed once more from history, as of their times, and compared to the bit. */
export async function checkFeatures({ features, inference, ingestion }: CheckClients, { endpoint, sample, signal }: CheckFeaturesOptions): Promise<FeatureCheck> {
  const call = signal ? { signal } : {};
  const { featureService } = await inference.getEndpoint({ name: endpoint }, call);
  if (featureService === '') throw errors.NO_FEATURES({ endpoint });
  const views = await viewsOf(features, featureService, call);
  const until = await endOfHistory(ingestion, views, call);
  const notLogged = new Map<string, string>();
  let [later, pageToken] = [0, ''];
  const vectors: ServedVector[] = [];
  do {
    const page = await inference.listPredictions({ parent: endpoint, pageSize: PAGE, pageToken }, call);
    for (const prediction of page.predictions) {
      if (vectors.length === sample) break;
      if ((prediction.record?.eventTime?.getTime() ?? 0) > until) later++;
      else {
        for (const [feature, column] of unlogged(views, [...prediction.inputs, ...Object.keys(prediction.record?.asked?.values ?? {})])) notLogged.set(feature, column);
        vectors.push(toVector(prediction, notLogged));
      }
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && vectors.length < sample);
  return { ...(await features.checkFeatures(inParts(featureService, vectors), call)), later, notLogged };
}

interface Referred {
  readonly reference: FeatureReference;
  readonly view: FeatureView;
}

/** The views of a service, and those that its views on demand read. */
async function viewsOf(features: CheckClients['features'], name: string, call: object): Promise<readonly Referred[]> {
  const read = (references: readonly FeatureReference[]) => Promise.all(references.map(async (reference): Promise<Referred> => ({ reference, view: await features.getFeatureView({ name: reference.featureView }, call) })));
  const named = await read((await features.getFeatureService({ name }, call)).features);
  return [...named, ...(await read(named.flatMap(({ view }) => view.onDemand?.features ?? [])))];
}

/** Up to which time every dataset that the views read has rows: of what came later history says nothing yet. */
async function endOfHistory(ingestion: CheckClients['ingestion'], views: readonly Referred[], call: object): Promise<number> {
  const datasets = [...new Set(views.flatMap(({ view }) => (view.onDemand ? [] : [view.dataset])))];
  const ends = await Promise.all(datasets.map(async (dataset) => (await ingestion.getDatasetVersion({ name: `${dataset}/versions/latest` }, call)).eventTimeMax?.getTime() ?? Infinity));
  return Math.min(...ends);
}

/** Features of views on demand, by name, with a column of the request that is no input of the model. */
function unlogged(views: readonly Referred[], inputs: readonly string[]): readonly (readonly [string, string])[] {
  const logged = new Set(inputs);
  return views.flatMap(({ reference, view }) => {
    const missing = (view.onDemand?.requestColumns ?? []).map(({ name }) => reference.keyColumns[name] ?? name).find((column) => !logged.has(column));
    if (missing === undefined) return [];
    return view.features.flatMap(({ name }) => (reference.features.length === 0 || reference.features.includes(name) ? [[reference.prefix + name, missing] as const] : []));
  });
}

/** Every input as a key and as a value: the feature store takes of each what it knows. */
function toVector({ record, inputs }: LoggedPrediction, passedOver: ReadonlyMap<string, string>): ServedVector {
  const cells = inputs.map((name, i) => [name, record?.inputs[i] ?? { kind: undefined }] as const);
  return { id: record?.id ?? '', time: record?.eventTime, keys: { values: { ...record?.asked?.values, ...Object.fromEntries(cells) } }, values: { values: Object.fromEntries(cells.filter(([name]) => !passedOver.has(name))) } };
}

function* inParts(featureService: string, vectors: readonly ServedVector[]): Generator<CheckFeaturesRequest> {
  yield { featureService, vectors: vectors.slice(0, PAGE) };
  for (let start = PAGE; start < vectors.length; start += PAGE) yield { featureService, vectors: vectors.slice(start, start + PAGE) };
}
