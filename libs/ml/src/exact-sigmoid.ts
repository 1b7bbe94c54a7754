import { type OnnxGraph, tensor, type Value } from '@millrace/onnx';

/*
 * 1 / (1 + exp(−x)) from additions, multiplications, one division and a table of powers of two. Each of these is exact to the last bit by IEEE 754,
 * so JavaScript and ONNX Runtime agree for one row and for many, which their own exp and Sigmoid do not.
 * exp(y) = 2^k · exp(r) with k = round(y / ln 2) and |r| ≤ ln 2 / 2 (Cody and Waite, 1980: ln 2 in two parts); exp(r) by its Taylor series to r^13 / 13!.
 */
const LOG2E = 1.4426950408889634;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Beyond this the probability is 0 or 1 to many more digits than anybody needs, and powers of two stay normal. */
const LIMIT = 700;
const TERMS = 13;
/** 1/13!, 1/12!, … 1/1!, 1. */
const COEFFICIENTS = Array.from({ length: TERMS + 1 }, (_, i) => 1 / factorial(TERMS - i));
const SMALLEST = -1_011;
const POWERS = Array.from({ length: 2 * -SMALLEST + 1 }, (_, i) => 2 ** (i + SMALLEST));
/** Adding and taking away 1.5 · 2^52 rounds to the nearest whole number, halves to even. */
const ROUND = 6_755_399_441_055_744;

/** The probability that belongs to a margin; NaN stays NaN. */
export function exactSigmoid(margin: number): number {
  if (Number.isNaN(margin)) return Number.NaN;
  const y = Math.max(Math.min(0 - margin, LIMIT), -LIMIT);
  const k = y * LOG2E + ROUND - ROUND;
  const r = y - k * LN2_HIGH - k * LN2_LOW;
  let sum = COEFFICIENTS[0] ?? 0;
  for (let i = 1; i <= TERMS; i++) sum = sum * r + (COEFFICIENTS[i] ?? 0);
  return 1 / (1 + sum * (POWERS[k - SMALLEST] ?? 0));
}

const INT64 = 7;

/** The same as nodes: double [N] in, double [N] out. */
export function exactSigmoidToOnnx(graph: OnnxGraph, margin: Value): Value {
  const double = (value: number): Value => graph.constant(tensor.double([value]));
  const missing = graph.op('IsNaN', [margin]);
  const known = graph.op('Where', [missing, double(0), margin]);
  const y = graph.op('Max', [graph.op('Min', [graph.op('Sub', [double(0), known]), double(LIMIT)]), double(-LIMIT)]);
  // Round is half to even in ONNX, as the sum of JavaScript is.
  const k = graph.op('Round', [graph.op('Mul', [y, double(LOG2E)])]);
  const r = graph.op('Sub', [graph.op('Sub', [y, graph.op('Mul', [k, double(LN2_HIGH)])]), graph.op('Mul', [k, double(LN2_LOW)])]);
  let sum = double(COEFFICIENTS[0] ?? 0);
  for (let i = 1; i <= TERMS; i++) sum = graph.op('Add', [graph.op('Mul', [sum, r]), double(COEFFICIENTS[i] ?? 0)]);
  const index = graph.op('Sub', [graph.op('Cast', [k], { to: { int: INT64 } }), graph.constant(tensor.int64([SMALLEST]))]);
  const power = graph.op('Gather', [graph.constant(tensor.double(POWERS)), index]);
  const probability = graph.op('Div', [double(1), graph.op('Add', [double(1), graph.op('Mul', [sum, power])])]);
  return graph.op('Where', [missing, double(Number.NaN), probability]);
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
