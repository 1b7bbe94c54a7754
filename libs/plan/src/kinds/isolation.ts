import { z } from 'zod';
import { exactExp2 } from '../exact-exp2.js';
import type { Bool, F64, Tree } from '../expression.js';
import { Ir } from '../ir.js';
import { averagePath, growForest } from '../isolation-forest.js';
import { renderJs } from '../js-renderer.js';
import { type Bound, defineKind, NUMBERS } from '../kind.js';
import { drawnRows } from '../drawn-rows.js';

const MAX_COLUMNS = 100;
/** Sums of leaves stay exact up to here. */
const MAX_TREES = 200;
const MAX_SAMPLE = 1_024;
/** Rows of which the trees draw theirs, and by which a share is measured. */
const POOL = 20_000;
const ACTIONS = ['flag', 'score', 'drop', 'quarantine'] as const;

const options = z.strictObject({
  trees: z.int().min(1).max(MAX_TREES).default(100).describe('How many trees.'),
  sample: z.int().min(2).max(MAX_SAMPLE).default(256).describe('How many rows each of them sees.'),
  seed: z.int().min(0).default(0).describe('Of the draws: the same seed grows the same trees.'),
  above: z.number().min(0).max(1).optional().describe('The score from 0 to 1 above which a row is isolated; 0.6 unless given.'),
  share: z.number().positive().max(0.5).optional().describe('Instead: above the score that this share of the training rows has, measured on at most 20,000 of them.'),
  action: z.enum(ACTIONS, { error: `a row is isolated and none of its values is, so there is nothing to clip or empty; use one of ${ACTIONS.join(', ')}, or "outliers" for single columns` }).default('flag')
    .describe('What becomes of such a row: a column of 0 and 1, a column of scores, or it is left out of training, counted, and with "quarantine" also kept aside.'),
}).refine(({ above, share }) => above === undefined || share === undefined, { message: 'give either "above" or "share"', path: ['share'] });
type Options = z.infer<typeof options>;

interface State {
  readonly forest: readonly Tree[];
  /** The average length of a way through a tree. */
  readonly path: number;
  /** A row is isolated when its ways add up to less. */
  readonly limit: number;
  readonly action: Options['action'];
}

/**
 * Finds rows that few random cuts set apart from the others, by several numbers together (isolation forest; Liu, Ting and Zhou 2008). Scores near 1 are isolated, those
 * well below 0.5 are not. In SQL a hundred trees take some ten seconds for 100,000 rows. A row that misses one of the numbers has no score and counts as none of them. Rows that evaluate or are served are never left out.
 */
export const isolation = defineKind<Options, State>({
  name: 'isolation',
  role: 'clean',
  accepts: NUMBERS,
  arity: [1, MAX_COLUMNS],
  families: true,
  options,
  schema: (inputs, { action }) => (action === 'flag' ? [{ name: 'isolated', type: 'FLOAT64', nullable: false }] : action === 'score' ? [{ name: 'isolation', type: 'FLOAT64', nullable: inputs.some(({ nullable }) => nullable) }] : []),
  fit: async (table, { trees, sample, seed, above = 0.6, share, action }) => {
    const complete = await drawnRows(table, { most: POOL, seed });
    const rows = table.found(complete.length < 2 ? undefined : complete, table.columns.map(({ name }) => name).join(', '));
    const forest = growForest(rows, { trees, sample, seed });
    const path = averagePath(Math.min(sample, rows.length));
    return { forest, path, limit: share === undefined ? -Math.log2(above) * path * trees : limitOf(rows, { forest, share }), action };
  },
  lower: (ir, state, columns) => {
    const { action, forest, path, limit } = state;
    const ways = waysOf(ir, forest, columns);
    // 2^(−mean way / average way)
    if (action === 'score') return [[{ name: 'isolation', node: exactExp2(ir, ir.div(ways, ir.lit(-path * forest.length))) }]];
    return action === 'flag' ? [[{ name: 'isolated', node: ir.flag(ir.lt(ways, ir.lit(limit))) }]] : [];
  },
  leaves: (ir, state, columns) => {
    const { action, forest, limit } = state;
    if (action !== 'drop' && action !== 'quarantine') return [];
    return [{ column: columns.map(({ name }) => name).join(', '), when: ir.lt(waysOf(ir, forest, columns), ir.lit(limit)), aside: action === 'quarantine' }];
  },
});

/** The sum of the ways to a row, missing where a number is. */
function waysOf(ir: Ir, forest: readonly Tree[], columns: readonly Bound[]): F64 {
  const numbers = columns.flatMap(({ members }) => members.flatMap(({ node }) => (node.type === 'f64' ? [node] : [])));
  const [first, ...others] = numbers.map((node) => ir.isnull(node));
  const ways = ir.forest(numbers, forest);
  return first ? ir.when(others.reduce<Bool>((any, each) => ir.or(any, each), first), ir.lit(Number.NaN), ways) : ways;
}

/** The sum of ways below which that share of the rows lies. */
function limitOf(rows: readonly (readonly number[])[], { forest, share }: { readonly forest: readonly Tree[]; readonly share: number }): number {
  const ir = new Ir();
  const columns = (rows[0] ?? []).map((_, i): Bound => ({ name: `x${i}`, members: [{ name: `x${i}`, node: ir.col(`x${i}`, 'FLOAT64') }] }));
  const evaluate = renderJs([waysOf(ir, forest, columns)]);
  const ways = rows.map((row) => evaluate((name) => row[Number(name.slice(1))])[0] ?? 0).sort((a, b) => a - b);
  return ways[Math.round(ways.length * share)] ?? 0;
}
