import type { Label } from '@millrace/contracts/millrace/inference/v1/prediction';
import { type Endpoint as EndpointMessage, InputGuard_Action } from '@millrace/contracts/millrace/inference/v1/endpoint';
import type { Prediction as PredictionMessage, PredictionRecord } from '@millrace/contracts/millrace/inference/v1/prediction';
import type { EndpointTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';
import type { Row } from '@millrace/contracts/millrace/type/v1/value';
import type { FeedRow } from '@millrace/plan';
import { toValueMessage } from '@millrace/service';
import { aliasName, type Endpoint, type EndpointDraft, endpointName, type GuardAction } from './endpoint.js';
import { errors } from './errors.js';
import type { Contribution } from './explainer.js';
import type { LoggedPrediction, Prediction } from './predictor.js';
import type { PredictionBatch } from './prediction-log.js';
import type { KeptLabel } from './prediction.store.js';
import { latencyAt, WINDOW_MS } from './traffic.js';
import type { TrafficWindow } from './traffic.store.js';

const ACTIONS: Record<GuardAction, InputGuard_Action> = { FLAG: InputGuard_Action.FLAG, REJECT: InputGuard_Action.REJECT, IGNORE: InputGuard_Action.IGNORE };
const ACTION_OF: Record<InputGuard_Action, GuardAction> = {
  [InputGuard_Action.UNSPECIFIED]: 'FLAG',
  [InputGuard_Action.FLAG]: 'FLAG',
  [InputGuard_Action.REJECT]: 'REJECT',
  [InputGuard_Action.IGNORE]: 'IGNORE',
};

export const toEndpoint = ({ endpoint, description, alias, featureService, guard, modelVersion, createTime, revision, deletion }: Endpoint): EndpointMessage => ({
  name: endpointName.format({ endpoint }),
  description,
  alias,
  featureService,
  guard: { outOfRange: ACTIONS[guard.outOfRange], unseenCategory: ACTIONS[guard.unseenCategory], missing: ACTIONS[guard.missing] },
  modelVersion,
  createTime,
  etag: String(revision),
  deleteTime: deletion?.time,
});

const FEATURE_SERVICE = /^featureServices\/[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export function parseEndpoint(message: EndpointMessage | undefined): EndpointDraft {
  const { endpoint } = endpointName.parse(message?.name ?? '');
  const alias = message?.alias ?? '';
  aliasName.parse(alias);
  const featureService = message?.featureService ?? '';
  if (featureService !== '' && !FEATURE_SERVICE.test(featureService)) throw errors.INVALID_ENDPOINT({ name: endpointName.format({ endpoint }), place: 'feature_service', why: `"${featureService}" is not of the form featureServices/{feature_service}` });
  const action = (value: InputGuard_Action | undefined): GuardAction => ACTION_OF[value ?? InputGuard_Action.UNSPECIFIED];
  const { guard } = message ?? {};
  return { endpoint, description: message?.description ?? '', alias, featureService, guard: { outOfRange: action(guard?.outOfRange), unseenCategory: action(guard?.unseenCategory), missing: action(guard?.missing) } };
}

/** Rows of a request as the model's packer takes them, without the cells that are missing; it is the packer that refuses a cell of a wrong type. */
export const parseRows = (rows: readonly Row[]): readonly FeedRow[] => rows.map(({ values }) => Object.fromEntries(Object.entries(values).flatMap(([name, { kind }]) => (kind === undefined ? [] : [[name, kind.value]]))));

/** A row as it travels. */
export const toRow = (row: FeedRow): Row => ({ values: Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, toValueMessage(cell)])) });

const toCounts = (counts: Readonly<Record<string, number>>): Record<string, bigint> => Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, BigInt(count)]));

export const toTraffic = ({ endpoint, windowMs, versions, updateTime }: TrafficWindow): EndpointTraffic => ({
  endpoint: endpointName.format({ endpoint }),
  startTime: new Date(windowMs),
  endTime: new Date(windowMs + WINDOW_MS),
  versions: versions.map(([modelVersion, traffic]) => ({
    modelVersion,
    requests: BigInt(traffic.requests),
    predictions: BigInt(traffic.predictions),
    refused: BigInt(traffic.refused),
    errors: toCounts(traffic.errors),
    flags: toCounts(traffic.flags),
    latencyP50Ms: latencyAt(traffic, 0.5),
    latencyP95Ms: latencyAt(traffic, 0.95),
    latencyP99Ms: latencyAt(traffic, 0.99),
  })),
  updateTime,
});

export const toPrediction = ({ id, score, flags, refused }: Prediction, contributions: readonly Contribution[] = []): PredictionMessage => ({
  id,
  score: refused === '' ? score : 0,
  flags: flags.map((flag) => ({ ...flag })),
  refused,
  contributions: contributions.map(({ input, change, typical }) => ({ input, change, typical: toValueMessage(typical) })),
});

/** A prediction as it is logged. */
export const toRecordMessage = ({ id, score, flags, eventTime, predictTime, inputs, asked, traceId }: LoggedPrediction, { endpoint, modelVersion }: PredictionBatch): PredictionRecord => ({
  id,
  endpoint: endpointName.format({ endpoint }),
  modelVersion,
  eventTime,
  predictTime,
  inputs: inputs.map(toValueMessage),
  score,
  flags: flags.map((flag) => ({ ...flag })),
  traceId,
  asked: Object.keys(asked).length === 0 ? undefined : toRow(asked),
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Labels of a request; throws INVALID_LABEL and says which. */
export function parseLabels(labels: readonly Label[], now: Date): readonly KeptLabel[] {
  return labels.map(({ predictionId, value, knownTime }, index) => {
    const fault = (why: string) => errors.INVALID_LABEL({ index: String(index), why });
    if (!UUID.test(predictionId)) throw fault(`"${predictionId.slice(0, 60)}" is no prediction id`);
    if (!Number.isFinite(value)) throw fault(`the value ${value} is no finite number`);
    if (knownTime !== undefined && Number.isNaN(knownTime.getTime())) throw fault('its known time is none that a calendar has');
    return { predictionId, value, knownTime: knownTime ?? now };
  });
}
