import { exactLn } from './exact-ln.js';
import type { F64 } from './expression.js';
import type { Ir } from './ir.js';

/**
 * The value below which a share p of the standard normal distribution lies, by Wichura's PPND16 (AS 241, 1988): rational functions of about 16 digits,
 * from operations that every engine rounds alike. p is held within the bounds, so that the result is finite; missing where p is.
 */
export function normalQuantile(ir: Ir, p: F64, [low, high]: readonly [number, number]): F64 {
  const { add, sub, mul, div } = ir;
  const number = (value: number) => ir.lit(value);
  const polynomial = (x: F64, [first = 0, ...others]: readonly number[]): F64 => others.reduce<F64>((sum, coefficient) => add(mul(sum, x), number(coefficient)), number(first));
  const ratio = (x: F64, [above, below]: Ratio): F64 => div(polynomial(x, above), polynomial(x, below));

  const held = ir.when(ir.lt(p, number(low)), number(low), ir.when(ir.gt(p, number(high)), number(high), p));
  const q = sub(held, number(0.5));
  const middle = mul(q, ratio(sub(number(0.180625), mul(q, q)), MIDDLE));
  const below = ir.lt(q, number(0));
  const r = ir.sqrt(mul(exactLn(ir, ir.when(below, held, sub(number(1), held))), number(-1)));
  // Both tails are computed at any r; the choice takes the one that was made for it.
  const tail = ir.when(ir.le(r, number(5)), ratio(sub(r, number(1.6)), NEAR), ratio(sub(r, number(5)), FAR));
  const inside = ir.and(ir.ge(q, number(-0.425)), ir.le(q, number(0.425)));
  return ir.when(inside, middle, ir.when(below, mul(tail, number(-1)), tail));
}

/** Coefficients of numerator and denominator, the highest power first. */
type Ratio = readonly [readonly number[], readonly number[]];
const MIDDLE: Ratio = [
  [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608],
  [5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1],
];
const NEAR: Ratio = [
  [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
  [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1],
];
const FAR: Ratio = [
  [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
  [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1],
];
