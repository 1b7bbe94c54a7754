import { z } from 'zod';
import type { F64 } from '../expression.js';
import { defineKind, NUMBERS } from '../kind.js';
import { principalAxes } from '../principal-axes.js';

const MAX_COLUMNS = 200;
const options = z.strictObject({ components: z.int().min(1).max(MAX_COLUMNS) });

interface State {
  readonly means: readonly number[];
  /** A row for each column, a number for each component. */
  readonly weights: readonly (readonly number[])[];
  /** Variance of the training rows along each component. */
  readonly variances: readonly number[];
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
  fit: async (table, { components }) => {
    const means = await table.means();
    const axes = principalAxes(await table.covariance(means)).slice(0, components);
    return { means, weights: means.map((_, column) => Array.from({ length: components }, (__, i) => axes[i]?.direction[column] ?? 0)), variances: axes.map(({ variance }) => variance) };
  },
  lower: (ir, { means, weights }, columns) => {
    const numbers = columns.flatMap(({ members }) => members.flatMap(({ node }) => (node.type === 'f64' ? [node] : [])));
    const centred = numbers.map<F64>((node, i) => ir.sub(node, ir.lit(means[i] ?? 0)));
    return ir.dot(centred, weights).map((node, i) => [{ name: `pc${i + 1}`, node }]);
  },
});
