import type { ColumnType } from '@millrace/core';
import type { FeedCell, FeedRow } from '@millrace/plan';
import type { FastifyInstance } from 'fastify';
import { errors } from './errors.js';
import type { Contribution } from './explainer.js';
import { parseLabels } from './inference.wire.js';
import type { PredictionService } from './prediction.service.js';

/** REST of this service, without a hop: the same predictions and labels as over gRPC, in plain JSON. A gateway in the same process leaves out what stands here. */
export function routes(http: FastifyInstance, predictions: PredictionService): void {
  http.post<{ Params: { endpoint: string } }>('/v1/endpoints/:endpoint([^/]+)::predict', ({ params, body }) => predictJson(predictions, params.endpoint, body));
  http.post<{ Params: { endpoint: string } }>('/v1/endpoints/:endpoint([^/]+)::feedback', ({ params, body }) => feedbackJson(predictions, params.endpoint, body));
}

/** Answers a body in plain JSON. */
export async function predictJson(predictions: PredictionService, endpoint: string, body: unknown) {
  const { rows, eventTimes, explainInputs, contributions } = parsePredict(body);
  const answer = await predictions.predict(endpoint, ({ types }) => ({ rows: rows.map((row, i) => parseRow(row, `rows[${i}]`, types)), times: eventTimes, contributions }));
  return {
    predictions: answer.predictions.map(({ id, score, flags, refused }, i) => ({ id, score: refused === '' ? score : 0, flags, refused, ...(contributions === 0 ? {} : { contributions: answer.contributions[i]?.map(toContribution) }) })),
    modelVersion: answer.modelVersion,
    ...(explainInputs ? { inputs: answer.predictions.map((prediction) => Object.fromEntries(answer.inputs.map((name, i) => [name, toJson(prediction.inputs[i])]))) } : {}),
  };
}

/** Takes labels in plain JSON. */
export const feedbackJson = async (predictions: PredictionService, endpoint: string, body: unknown) => ({ accepted: await predictions.feedback(endpoint, parseLabels(parseFeedback(body), new Date())) });

interface PredictBody {
  readonly rows: readonly unknown[];
  readonly eventTimes: readonly Date[];
  readonly explainInputs: boolean;
  readonly contributions: number;
}

function parsePredict(body: unknown): PredictBody {
  const { rows, eventTimes = [], explainInputs = false, contributions = 0 } = object(body, 'the body');
  if (!Array.isArray(rows)) throw errors.INVALID_BODY({ place: 'rows', why: 'it must be a list of objects, one a row' });
  if (!Array.isArray(eventTimes)) throw errors.INVALID_BODY({ place: 'eventTimes', why: 'it must be a list of times, one a row' });
  return { rows, eventTimes: eventTimes.map((text: unknown, i) => time(text, `eventTimes[${i}]`)), explainInputs: explainInputs === true, contributions: typeof contributions === 'number' ? contributions : Number.NaN };
}

function parseFeedback(body: unknown) {
  const { labels } = object(body, 'the body');
  if (!Array.isArray(labels)) throw errors.INVALID_BODY({ place: 'labels', why: 'it must be a list of objects' });
  return labels.map((label: unknown, i) => {
    const { predictionId, value, knownTime } = object(label, `labels[${i}]`);
    return { predictionId: String(predictionId), value: typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : Number.NaN, knownTime: knownTime === undefined ? undefined : time(knownTime, `labels[${i}].knownTime`) };
  });
}

/** JSON has no integers of 64 bits and no times: the signature says what a text or a number stands for. What is null is missing, as if it were not there. */
function parseRow(row: unknown, place: string, types: ReadonlyMap<string, ColumnType>): FeedRow {
  const parsed: Record<string, FeedCell> = {};
  // The body's parser has refused a `__proto__`.
  for (const [name, cell] of Object.entries(object(row, place))) if (cell !== null) parsed[name] = parseCell(cell, { row: place, name }, types.get(name));
  return parsed;
}

/** Where a cell stands; written out only when it is refused. */
interface CellPlace {
  readonly row: string;
  readonly name: string;
}

const wrongCell = ({ row, name }: CellPlace, why: string): Error => errors.INVALID_BODY({ place: `${row}.${name}`, why });

function parseCell(cell: unknown, place: CellPlace, type: ColumnType | undefined): FeedCell {
  if (typeof cell === 'boolean') return cell;
  if (typeof cell === 'number') return parseNumber(cell, place, type);
  if (typeof cell !== 'string') throw wrongCell(place, 'a cell is a number, a text, true, false or null');
  if (type === 'TIMESTAMP') return time(cell, `${place.row}.${place.name}`);
  if (type === 'INT64' && /^-?\d{1,19}$/.test(cell)) return BigInt(cell);
  return cell;
}

/** A whole number that a double cannot hold has been rounded before anybody could look: it must come as a text, as must whatever may be a key. */
function parseNumber(cell: number, place: CellPlace, type: ColumnType | undefined): FeedCell {
  if (!Number.isFinite(cell)) throw wrongCell(place, 'the number is beyond what a double can hold');
  if (type === 'FLOAT64' || !Number.isInteger(cell)) return cell;
  if (!Number.isSafeInteger(cell)) throw wrongCell(place, 'a whole number beyond 2^53 - 1 is rounded in JSON; give it as a text');
  return type === 'INT64' || type === 'TIMESTAMP' ? BigInt(cell) : cell;
}

const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

function time(value: unknown, place: string): Date {
  if (typeof value !== 'string' || !ISO.test(value)) throw errors.INVALID_BODY({ place, why: 'it must be a time such as "2001-04-01T12:00:00Z"' });
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(value) || value.length === 10 ? value : `${value.replace(' ', 'T')}Z`;
  const date = new Date(zoned);
  // A day that a month does not have would become one of the next month.
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || day.getUTCDate() !== Number(value.slice(8, 10))) throw errors.INVALID_BODY({ place, why: `"${value}" is no time` });
  return date;
}

function object(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.INVALID_BODY({ place, why: 'it must be a JSON object' });
  return value as Record<string, unknown>;
}

const toContribution = ({ input, change, typical }: Contribution) => ({ input, change, typical: toJson(typical) });

const toJson = (cell: FeedCell | undefined): unknown => (typeof cell === 'bigint' ? cell.toString() : cell === undefined ? null : cell);
