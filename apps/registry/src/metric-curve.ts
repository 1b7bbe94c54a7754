import { errors } from './errors.js';
import type { MetricPoint } from './experiment.js';

/** Points of a curve where nobody says how many; as many as can be asked for, and as few. */
const USUAL_POINTS = 1_000;
export const MOST_POINTS = 10_000;
export const LEAST_POINTS = 10;

/** The first and the last point are no part of any stretch. */
const ENDS = 2;

/** Which part of a metric is to be drawn, and in how many points. */
export interface CurveQuestion {
  readonly key: string;
  readonly maxPoints: number;
  /** Steps, both of them looked at; undefined means as far as there are points. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** A metric by step in few points, and how many there are. */
export interface MetricCurve {
  readonly points: readonly MetricPoint[];
  readonly total: number;
  /** How many are NaN or infinite. */
  readonly nonFinite: number;
  /** The steps of the whole metric; undefined where it has no point. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** Stretches of equal length that cover the steps of a curve. */
export interface Stretches {
  readonly many: number;
  /** Steps in each. */
  readonly width: number;
}

/** What is asked for; throws INVALID_CURVE where nothing could be drawn by it. */
export function parseCurve({ key, maxPoints, fromStep, toStep }: { readonly key: string; readonly maxPoints: number; readonly fromStep?: bigint | undefined; readonly toStep?: bigint | undefined }): CurveQuestion {
  if (key === '') throw errors.INVALID_CURVE({ place: 'key', why: 'name a metric of the run' });
  if (maxPoints !== 0 && (maxPoints < LEAST_POINTS || maxPoints > MOST_POINTS)) throw errors.INVALID_CURVE({ place: 'max_points', why: `${maxPoints} is not between ${LEAST_POINTS} and ${MOST_POINTS}; 0 means ${USUAL_POINTS}` });
  if (fromStep !== undefined && toStep !== undefined && fromStep > toStep) throw errors.INVALID_CURVE({ place: 'to_step', why: `${toStep} lies before from_step, which is ${fromStep}` });
  // No step that is kept lies where a number would bend these.
  const [from, to] = [fromStep, toStep].map((step) => (step === undefined ? undefined : Number(step)));
  return { key, maxPoints: maxPoints === 0 ? USUAL_POINTS : maxPoints, from, to };
}

/** As many stretches of these steps as give no more than `maxPoints`: of each come two points, and one more where values are not finite. */
export function stretchesOf({ first, last }: { readonly first: number; readonly last: number }, { maxPoints, nonFinite }: { readonly maxPoints: number; readonly nonFinite: number }): Stretches {
  const many = Math.floor((maxPoints - ENDS) / (nonFinite > 0 ? 3 : 2));
  // One stretch fewer would reach as far: far from zero, where numbers are coarse, the last one is needed.
  return { many, width: Math.floor((last - first) / (many - 1)) + 1 };
}
