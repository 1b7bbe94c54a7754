import type { F64 } from './expression.js';
import type { Ir } from './ir.js';

const DEGREE = 13;
/** ln(2)^k / k!: the series of 2^r, of which the rest is below half a unit in the last place for |r| ≤ 1/2. */
const COEFFICIENTS = Array.from({ length: DEGREE }, (_, i) => i + 1).reduce<readonly number[]>((terms, k) => [...terms, ((terms.at(-1) ?? 1) * Math.LN2) / k], [1]);

/** 2^a by additions and multiplications alone, so that every rendering has the same bits; within 2 units in the last place, held within 2^−1074 and 2^1023. */
export function exactExp2(ir: Ir, a: F64): F64 {
  const whole = ir.floor(ir.add(a, ir.lit(0.5)));
  const rest = ir.sub(a, whole);
  // Powers are told one by one: DuckDB writes what may be NaN twice, and products within products would grow without end.
  const powers = [ir.lit(1), rest];
  while (powers.length < COEFFICIENTS.length) powers.push(ir.mul(powers.at(-1) ?? rest, rest));
  const [series = a] = ir.dot(powers, COEFFICIENTS.map((coefficient) => [coefficient]));
  return ir.mul(series, ir.pow2(whole));
}
