import { z } from 'zod';
import type { F64 } from '../expression.js';
import type { Ir } from '../ir.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';
import { normalQuantile } from '../normal-quantile.js';

const MAX_QUANTILES = 1_000;
/** Where scikit-learn holds a share before it looks up the normal distribution. */
const NORMAL_BOUNDS = [1e-7 - 2 ** -52, 1 - (1e-7 - 2 ** -52)] as const;
const options = z.strictObject({
  quantiles: z.int().min(2).max(MAX_QUANTILES).default(100).describe('How many quantiles of the training values are kept; between them it interpolates.'),
  to: z.enum(['uniform', 'normal']).default('uniform').describe('The distribution that the training values get: even from 0 to 1, or standard normal.'),
});

interface State {
  /** Different quantiles, ascending. */
  readonly edges: readonly number[];
  /** For each quantile: the share at it, the share just above it, and how far it is to the next in shares and in values. */
  readonly rows: readonly (readonly [number, number, number, number])[];
  readonly normal: boolean;
}

/** The share of the training values that lie below x, evenly or as that quantile of a standard normal distribution; beyond the training range it stays at the ends. */
export const quantile = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'quantile',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  fit: async (table, { quantiles, to }) => {
    const counts = await table.counts();
    const most = Math.max(2, Math.min(quantiles, ...counts));
    const shares = Array.from({ length: most }, (_, i) => i / (most - 1));
    return (await table.quantiles(shares)).map((values, i) => {
      table.finite((values.at(-1) ?? 0) - (values[0] ?? 0), 'range', table.columns[i]?.name ?? '');
      return { ...curve(values, shares), normal: to === 'normal' };
    });
  },
  lower: (ir, state, { name, node }) => (node.type === 'f64' ? [[{ name, node: lowered(ir, state, node) }]] : []),
});

/** Several quantiles may be one value: it stands for the middle of their shares, as in scikit-learn. */
function curve(values: readonly number[], shares: readonly number[]): Pick<State, 'edges' | 'rows'> {
  const edges = [...new Set(values)];
  const first = edges.map((edge) => shares[values.indexOf(edge)] ?? 0);
  const last = edges.map((edge) => shares[values.lastIndexOf(edge)] ?? 1);
  const rows = edges.map((edge, i) => {
    const [low = 0, high = 0] = [first[i], last[i]];
    const at = i === 0 ? 0 : i === edges.length - 1 ? 1 : (low + high) / 2;
    const next = edges[i + 1];
    return [at, high, (first[i + 1] ?? high) - high, next === undefined ? 1 : next - edge] as const;
  });
  return { edges, rows };
}

function lowered(ir: Ir, { edges, rows, normal }: State, x: F64): F64 {
  const [low = 0, high = 0] = [edges[0], edges.at(-1)];
  const held = ir.when(ir.lt(x, ir.lit(low)), ir.lit(low), ir.when(ir.gt(x, ir.lit(high)), ir.lit(high), x));
  const place = ir.bucket(held, edges.slice(1));
  const [edge, at, above, rise, run] = ir.pick(place, rows.map((row, i) => [edges[i] ?? 0, ...row]));
  if (!edge || !at || !above || !rise || !run) return x;
  const share = ir.when(ir.eq(held, edge), at, ir.add(above, ir.mul(ir.div(ir.sub(held, edge), run), rise)));
  // A constant column has one quantile only: what lies above it is at the upper end.
  const whole = edges.length === 1 ? ir.when(ir.gt(x, ir.lit(high)), ir.lit(1), share) : share;
  return normal ? normalQuantile(ir, whole, NORMAL_BOUNDS) : whole;
}
