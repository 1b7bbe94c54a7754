import type { F64 } from './expression.js';
import type { Ir } from './ir.js';

/**
 * The natural logarithm by the polynomial of fdlibm (e_log.c), from + − × ÷ and comparisons only, so that every engine gives the same bits;
 * at most 1 ulp from Math.log. Missing where x is not positive, Infinity of Infinity.
 */
export function exactLn(ir: Ir, x: F64): F64 {
  const { add, sub, mul, div } = ir;
  const number = (value: number) => ir.lit(value);
  const polynomial = (variable: F64, [first, ...others]: readonly [number, ...number[]]): F64 =>
    others.reduce<F64>((sum, coefficient) => add(mul(variable, sum), number(coefficient)), number(first));

  const finite = ir.when(ir.and(ir.gt(x, number(0)), ir.lt(x, number(Infinity))), x, number(Number.NaN));
  // The exponent by the engine's own logarithm may be one off; dividing by an exact power of two and comparing repairs it.
  // It is held within the exponents that there are, because near the ends of the range it may round beyond them.
  const estimate = mul(ir.ln(finite), number(Math.LOG2E));
  const held = ir.when(ir.gt(estimate, number(MAX_EXPONENT)), number(MAX_EXPONENT), ir.when(ir.lt(estimate, number(MIN_EXPONENT)), number(MIN_EXPONENT), estimate));
  let exponent = ir.floor(held);
  let mantissa = div(finite, ir.pow2(exponent));
  const low = ir.lt(mantissa, number(1));
  mantissa = ir.when(low, mul(mantissa, number(2)), mantissa);
  exponent = ir.when(low, sub(exponent, number(1)), exponent);
  for (let round = 0; round < 2; round++) {
    const high = ir.ge(mantissa, number(Math.SQRT2));
    mantissa = ir.when(high, mul(mantissa, number(0.5)), mantissa);
    exponent = ir.when(high, add(exponent, number(1)), exponent);
  }

  const f = sub(mantissa, number(1));
  const s = div(f, add(f, number(2)));
  const z = mul(s, s);
  const w = mul(z, z);
  const even = mul(w, polynomial(w, [1.531383769920937332e-1, 2.222219843214978396e-1, 3.999999999940941908e-1]));
  const odd = mul(z, polynomial(w, [1.47981986051165859e-1, 1.818357216161805012e-1, 2.857142874366239149e-1, 6.666666666666735130e-1]));
  const half = mul(mul(f, f), number(0.5));
  const correction = add(mul(s, add(half, add(odd, even))), mul(exponent, number(LN2_LOW)));
  const result = sub(mul(exponent, number(LN2_HIGH)), sub(sub(half, correction), f));
  return ir.when(ir.eq(x, number(Infinity)), number(Infinity), result);
}

const MIN_EXPONENT = -1074;
const MAX_EXPONENT = 1023;
/** ln 2 in two parts: the high one times any exponent is exact. */
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
