import { z } from 'zod';
import { errors } from '../errors.js';
import type { F64 } from '../expression.js';
import { defineKind, NUMBERS } from '../kind.js';
import { type Axis, principalAxes } from '../principal-axes.js';

const MAX_COLUMNS = 200;
const options = z.strictObject({
  components: z.int().min(1).max(MAX_COLUMNS).describe('How many components.'),
  explains: z.number().gt(0).max(1).optional().describe('The least share of the variance of the training rows that the components must explain; where they do not, the fit is refused.'),
});

interface State {
  readonly means: readonly number[];
  /** A row for each column, a number for each component. */
  readonly weights: readonly (readonly number[])[];
  /** Variance of the training rows along each component. */
  readonly variances: readonly number[];
  /** The share of the variance that the components explain, where it was asked for. */
  readonly explained?: number;
}

/** Principal components of the training rows; a row with a missing value has missing components, so impute before. */
export const pca = defineKind<z.infer<typeof options>, State>({
  name: 'pca',
  role: 'reduce',
  accepts: NUMBERS,
  arity: [1, MAX_COLUMNS],
  families: true,
  options,
  schema: (_, { components }) => Array.from({ length: components }, (__, i) => ({ name: `pc${i + 1}`, type: 'FLOAT64', nullable: true })),
  fit: async (table, { components, explains }) => {
    const means = await table.means();
    const all = principalAxes(await table.covariance(means));
    const axes = all.slice(0, components);
    const gate = explains === undefined ? {} : { explained: enough(all, { components, explains, place: table.place }) };
    return { means, weights: means.map((_, column) => Array.from({ length: components }, (__, i) => axes[i]?.direction[column] ?? 0)), variances: axes.map(({ variance }) => variance), ...gate };
  },
  lower: (ir, { means, weights }, columns) => {
    const numbers = columns.flatMap(({ members }) => members.flatMap(({ node }) => (node.type === 'f64' ? [node] : [])));
    const centred = numbers.map<F64>((node, i) => ir.sub(node, ir.lit(means[i] ?? 0)));
    return ir.dot(centred, weights).map((node, i) => [{ name: `pc${i + 1}`, node }]);
  },
});

/** The share of the variance that the first components explain; refused where it is too small. */
function enough(axes: readonly Axis[], { components, explains, place }: { readonly components: number; readonly explains: number; readonly place: string }): number {
  const total = axes.reduce((sum, { variance }) => sum + variance, 0);
  const upTo = (count: number) => (total === 0 ? 1 : axes.slice(0, count).reduce((sum, { variance }) => sum + variance, 0) / total);
  const explained = upTo(components);
  if (explained >= explains) return explained;
  const needed = axes.findIndex((_, i) => upTo(i + 1) >= explains) + 1;
  throw errors.FIT_EXPLAINS_LITTLE({ place, components: String(components), explained: explained.toFixed(4), explains: String(explains), needed: String(needed === 0 ? axes.length : needed) });
}
