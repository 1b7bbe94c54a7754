import type { FeatureStoreServiceDefinition, GetOnlineFeaturesResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { FeatureVector_Status } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { AppError, isError, type PageRequest } from '@millrace/core';
import type { FeedRow } from '@millrace/plan';
import { type Client, currentTraceId } from '@millrace/rpc';
import type { EndpointService } from './endpoint.service.js';
import { endpointName } from './endpoint.js';
import { errors } from './errors.js';
import type { Contribution, Explainer } from './explainer.js';
import type { GuardFlag } from './guard.js';
import { encodeLabels } from './inference.events.js';
import { toRow } from './inference.wire.js';
import type { LoadedEndpoint } from './loaded-endpoint.js';
import type { PredictionLog } from './prediction-log.js';
import type { KeptLabel, KeptPrediction, PredictionStore } from './prediction.store.js';
import type { TrafficService } from './traffic.service.js';
import { type LoggedPrediction, predict, type Question, type ReadFeatures, type RowFeatures } from './predictor.js';

/** What a question was answered with. */
export interface Answer {
  readonly predictions: readonly LoggedPrediction[];
  readonly modelVersion: string;
  /** Names of the inputs of each prediction. */
  readonly inputs: readonly string[];
  /** One list a prediction where they were asked for; empty otherwise. */
  readonly contributions: readonly (readonly Contribution[])[];
}

/** Labels in one request. */
export const MAX_LABELS = 10_000;

/** Answers, logs what was answered, and takes what really happened. */
export class PredictionService {
  constructor(
    private readonly endpoints: EndpointService,
    private readonly features: Client<typeof FeatureStoreServiceDefinition>,
    private readonly log: PredictionLog,
    private readonly store: PredictionStore,
    /** Waits until what is logged can be read. */
    private readonly settle: () => Promise<void>,
    private readonly traffic: TrafficService,
    private readonly explainer: Explainer,
    private readonly clock: () => Date,
  ) {}

  /** Answers what `ask` makes of the request, once the model that answers is known; counted as traffic, whatever becomes of it. */
  async predict(endpoint: string, ask: (loaded: LoadedEndpoint) => Question): Promise<Answer> {
    const startMs = performance.now();
    let version = '';
    try {
      const answer = await this.#answer(endpoint, (loaded) => {
        version = loaded.endpoint.modelVersion;
        return ask(loaded);
      });
      const refused = answer.predictions.filter((prediction) => prediction.refused !== '').length;
      this.traffic.count(endpoint, version, { predictions: answer.predictions.length - refused, refused, flags: flagCounts(answer.predictions), ms: performance.now() - startMs });
      return answer;
    } catch (error) {
      // Whoever asks what is not there could fill the memory with names.
      if (!isError(error, 'inference.millrace', 'ENDPOINT_NOT_FOUND') && !isError(error, 'inference.millrace', 'ENDPOINT_DELETED')) this.traffic.count(endpoint, version, { error: error instanceof AppError ? error.reason : 'INTERNAL' });
      throw error;
    }
  }

  #answer(endpoint: string, ask: (loaded: LoadedEndpoint) => Question): Promise<Answer> {
    return this.endpoints.use(endpoint, async (loaded) => {
      const { featureService, modelVersion } = loaded.endpoint;
      const question = ask(loaded);
      // Most ask for none: they do not wait for a promise.
      const explain = (question.contributions ?? 0) === 0 ? undefined : await this.explainer.prepare(loaded, question);
      const predictions = await predict(loaded, question, { readFeatures: featureService === '' ? undefined : this.#reader(featureService), now: this.clock(), traceId: currentTraceId() });
      const answered = predictions.filter(({ refused }) => refused === '');
      if (answered.length > 0) this.log.add({ endpoint, modelVersion, inputs: loaded.inputs, predictions: answered });
      return { predictions, modelVersion, inputs: loaded.inputs, contributions: explain ? await explain(predictions) : [] };
    });
  }

  /** Keeps labels; gives how many were new. Durable, with its event, when it resolves. */
  async feedback(endpoint: string, labels: readonly KeptLabel[]): Promise<number> {
    if (labels.length > MAX_LABELS) throw errors.TOO_MANY_LABELS({ labels: String(labels.length), limit: String(MAX_LABELS) });
    await this.endpoints.get(endpoint);
    return this.store.addLabels(endpoint, labels, (fresh) => encodeLabels(endpoint, fresh));
  }

  async get(endpoint: string, id: string): Promise<KeptPrediction & { readonly label: KeptLabel | undefined }> {
    let found = await this.store.find(endpoint, id);
    if (!found) {
      await this.settle();
      found = await this.store.find(endpoint, id);
    }
    if (!found) throw errors.PREDICTION_NOT_FOUND({ id, endpoint: endpointName.format({ endpoint }) });
    return { ...found, label: await this.store.findLabel(endpoint, id) };
  }

  /** Newest first, one more than the page holds; what was answered before the call is among them. */
  async list(endpoint: string, page: PageRequest): Promise<readonly KeptPrediction[]> {
    await this.endpoints.get(endpoint);
    if (page.after === undefined) await this.settle();
    return this.store.list(endpoint, page);
  }

  #reader(featureService: string): ReadFeatures {
    return async (rows, times) => toFeatures(await this.features.getOnlineFeatures({ featureService, keys: rows.map(toRow), times: [...times] }));
  }
}

/** What the guard saw in rows, by kind. */
function flagCounts(predictions: Answer['predictions']): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { flags } of predictions) for (const { kind } of flags) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function toFeatures({ features, vectors }: GetOnlineFeaturesResponse): readonly RowFeatures[] {
  return vectors.map(({ values, statuses, eventTimes, eventTimePlaces }) => {
    const row: Record<string, FeedRow[string]> = {};
    const flags: GuardFlag[] = [];
    features.forEach((name, i) => {
      row[name] = values[i]?.kind?.value;
      if (statuses[i] === FeatureVector_Status.EXPIRED) flags.push({ column: name, kind: 'EXPIRED_FEATURE', detail: expiredBecause(eventTimes[(eventTimePlaces[i] ?? 0) - 1]) });
      else if (statuses[i] === FeatureVector_Status.NOT_FOUND) flags.push({ column: name, kind: 'NOT_FOUND_FEATURE', detail: 'there is no value for what was asked' });
    });
    return { values: row, flags };
  });
}

/** A store of the version before does not say of when a value is. */
const expiredBecause = (eventTime: Date | undefined): string => `the value is older than its time to live${eventTime ? `: its newest row is of ${eventTime.toISOString()}` : ''}`;
