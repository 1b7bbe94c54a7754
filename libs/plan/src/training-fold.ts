import type { F64 } from './expression.js';
import type { Ir } from './ir.js';

/** Into how many parts training rows fall. */
export const FOLDS = 5;

const ORDERS = 2n ** 21n;
/** 2^32 divided by the golden ratio: multiples of it fall evenly, and neighbours apart (Knuth, The Art of Computer Programming 3, 6.4). */
const GOLDEN = 2_654_435_769;
const RANGE = 2 ** 32;

/**
 * The part of a training row, from 0 to FOLDS − 1, by the whole number that orders it. What a step learns from targets reaches a training row
 * only from the other parts, so that a model does not find the row's own target in its features. All numbers are whole and below 2^53: doubles are exact.
 */
export function trainingFold(ir: Ir, order: string): F64 {
  const row = ir.col(order, 'INT64');
  if (row.type !== 'i64') return ir.lit(0);
  const spread = ir.mul(ir.i2d(ir.fmod(row, ORDERS)), ir.lit(GOLDEN));
  const rest = ir.sub(spread, ir.mul(ir.floor(ir.div(spread, ir.lit(RANGE))), ir.lit(RANGE)));
  return ir.floor(ir.div(ir.mul(rest, ir.lit(FOLDS)), ir.lit(RANGE)));
}
