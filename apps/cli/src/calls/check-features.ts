import type { CheckFeaturesRequest, CheckFeaturesResponse, FeatureStoreServiceDefinition, ServedVector } from '@millrace/contracts/millrace/features/v1/feature_store_service';
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
  const until = await endOfHistory({ features, ingestion }, featureService, call);
  let [later, pageToken] = [0, ''];
  const vectors: ServedVector[] = [];
  do {
    const page = await inference.listPredictions({ parent: endpoint, pageSize: PAGE, pageToken }, call);
    for (const prediction of page.predictions) {
      if (vectors.length === sample) break;
      if ((prediction.record?.eventTime?.getTime() ?? 0) > until) later++;
      else vectors.push(toVector(prediction));
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && vectors.length < sample);
  return { ...(await features.checkFeatures(inParts(featureService, vectors), call)), later };
}

/** Up to which time every dataset that the service reads has rows: of what came later history says nothing yet. */
async function endOfHistory({ features, ingestion }: Pick<CheckClients, 'features' | 'ingestion'>, name: string, call: object): Promise<number> {
  const { features: references } = await features.getFeatureService({ name }, call);
  const ends = await Promise.all(
    references.map(async ({ featureView }) => {
      const { dataset } = await features.getFeatureView({ name: featureView }, call);
      return (await ingestion.getDatasetVersion({ name: `${dataset}/versions/latest` }, call)).eventTimeMax?.getTime() ?? Infinity;
    }),
  );
  return Math.min(...ends);
}

/** Every input as a key and as a value: the feature store takes of each what it knows. */
function toVector({ record, inputs }: LoggedPrediction): ServedVector {
  const cells = Object.fromEntries(inputs.map((name, i) => [name, record?.inputs[i] ?? { kind: undefined }]));
  return { id: record?.id ?? '', time: record?.eventTime, keys: { values: cells }, values: { values: cells } };
}

function* inParts(featureService: string, vectors: readonly ServedVector[]): Generator<CheckFeaturesRequest> {
  yield { featureService, vectors: vectors.slice(0, PAGE) };
  for (let start = PAGE; start < vectors.length; start += PAGE) yield { featureService, vectors: vectors.slice(start, start + PAGE) };
}
