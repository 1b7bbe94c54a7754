import { setImmediate } from 'node:timers/promises';
import { errors } from '../errors.js';
import type { TrainingData } from '../estimator.js';
import { seededRandom } from '@millrace/core';
import { featureParts, type FeatureParts } from './feature-parts.js';
import { smallerClass } from './training-rows.js';

/** Cells that may be compared for the neighbours: some tens of seconds. */
export const MAX_COMPARED_CELLS = 1e10;
/** Cells compared between two looks at the signal. */
const CELLS_A_TURN = 5e7;

/**
 * Adds made-up rows of the smaller class (SMOTE and SMOTE-NC, Chawla et al. 2002): each lies between a row and one of its nearest neighbours of the same
 * class; what is a category takes the value that is most frequent among the neighbours, and a different one counts for the median spread of the numbers.
 */
export async function smote(data: TrainingData, { to, seed, neighbours }: { readonly to: number; readonly seed: number; readonly neighbours: number }, { signal }: { readonly signal?: AbortSignal } = {}): Promise<TrainingData> {
  const { smaller, larger, value } = smallerClass(data);
  const extra = Math.max(0, Math.floor(to * larger.length) - smaller.length);
  if (extra === 0) return data;
  const k = data.names.length;
  refuse(data, smaller, { extra, neighbours });
  const points = { rows: smaller, features: data.features, k, parts: featureParts(data, smaller) };
  const random = seededRandom(seed);
  const nearest = new Map<number, readonly number[]>();
  const made = new Float32Array(extra * k);
  let compared = 0;
  for (let i = 0; i < extra; i++) {
    const base = Math.floor(random() * smaller.length);
    const [pick, share] = [Math.floor(random() * neighbours), random()];
    const near = nearest.get(base) ?? nearestTo(base, neighbours, points);
    if (!nearest.has(base)) compared += smaller.length * k;
    nearest.set(base, near);
    between(made.subarray(i * k, i * k + k), { base, near, pick, share }, points);
    if (compared < CELLS_A_TURN) continue;
    compared = 0;
    await setImmediate();
    signal?.throwIfAborted();
  }
  return added(data, { made, extra, value });
}

interface Points {
  /** The rows of the smaller class. */
  readonly rows: readonly number[];
  readonly features: Float32Array;
  readonly k: number;
  readonly parts: FeatureParts;
}

function refuse({ features, names }: TrainingData, smaller: readonly number[], { extra, neighbours }: { readonly extra: number; readonly neighbours: number }): void {
  const k = names.length;
  if (smaller.length <= neighbours) throw errors.SMOTE_TOO_FEW({ rows: String(smaller.length), neighbours: String(neighbours) });
  if (smaller.length * Math.min(smaller.length, extra) * k > MAX_COMPARED_CELLS) throw errors.SMOTE_TOO_MANY({ rows: String(smaller.length), features: String(k) });
  names.forEach((feature, i) => {
    const odd = smaller.filter((row) => !Number.isFinite(features[row * k + i]));
    if (odd.length > 0) throw errors.SMOTE_MISSING({ feature, rows: String(odd.length) });
  });
}

/** The places of the nearest other rows of the class, the nearest first; of equally near ones the one that stands before. */
function nearestTo(base: number, count: number, points: Points): readonly number[] {
  const best: { readonly place: number; readonly distance: number }[] = [];
  for (let place = 0; place < points.rows.length; place++) {
    if (place === base) continue;
    const distance = distanceOf(base, place, points);
    if (best.length === count && distance >= (best[count - 1]?.distance ?? 0)) continue;
    const at = best.findIndex((other) => distance < other.distance);
    best.splice(at < 0 ? best.length : at, 0, { place, distance });
    best.length = Math.min(best.length, count);
  }
  return best.map(({ place }) => place);
}

function distanceOf(one: number, other: number, { rows, features, k, parts }: Points): number {
  const [a, b] = [(rows[one] as number) * k, (rows[other] as number) * k];
  let sum = 0;
  for (const i of parts.numbers) sum += ((features[a + i] as number) - (features[b + i] as number)) ** 2;
  for (const category of parts.categories) if (category.some((i) => features[a + i] !== features[b + i])) sum += parts.spread ** 2;
  return sum;
}

function between(row: Float32Array, { base, near, pick, share }: { readonly base: number; readonly near: readonly number[]; readonly pick: number; readonly share: number }, { rows, features, k, parts }: Points): void {
  const startOf = (place: number): number => (rows[place] as number) * k;
  const [a, b] = [startOf(base), startOf(near[pick] ?? base)];
  for (const i of parts.numbers) row[i] = (features[a + i] as number) + share * ((features[b + i] as number) - (features[a + i] as number));
  for (const category of parts.categories) {
    const from = mostFrequent(near.map(startOf), (start) => category.map((i) => features[start + i]).join());
    for (const i of category) row[i] = features[(from ?? a) + i] as number;
  }
}

/** The first of those that share the most frequent key. */
function mostFrequent(starts: readonly number[], keyOf: (start: number) => string): number | undefined {
  const counts = Map.groupBy(starts, keyOf);
  const most = Math.max(...[...counts.values()].map(({ length }) => length));
  return [...counts.values()].find(({ length }) => length === most)?.[0];
}

function added({ features, rows, names, target, weights }: TrainingData, { made, extra, value }: { readonly made: Float32Array; readonly extra: number; readonly value: number }): TrainingData {
  const all = new Float32Array(features.length + made.length);
  all.set(features);
  all.set(made, features.length);
  const more = <T extends Uint8Array | Float64Array>(whole: T, part: ArrayLike<number>, by: number): T => {
    whole.set(part);
    whole.fill(by, rows);
    return whole;
  };
  return { features: all, rows: rows + extra, names, target: more(new Uint8Array(rows + extra), target, value), ...(weights ? { weights: more(new Float64Array(rows + extra), weights, 1) } : {}) };
}
