import { z } from 'zod';
import { defineKind } from '../kind.js';
import type { Plan } from '../plan.js';

/** Most columns that part rows into strata. */
const MAX_COLUMNS = 4;
const seed = z.int().min(0).default(0).describe('Of the draws: the same seed draws the same rows.');
const identity = z.array(z.string().min(1)).min(1).optional().describe('The columns that tell rows apart; unless given all columns of the training set do.');
const share = z.number().positive().max(1).optional();
const count = z.int().min(1).optional();

const options = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('random').describe('each row by itself, with the share as its chance'), share: z.number().positive().max(1).describe('Of the rows, of each stratum, or of the groups.'), seed, identity }),
  z.strictObject({ by: z.literal('reservoir').describe('exactly so many rows'), count: z.int().min(1).describe('How many rows, or with "cluster" groups; all where there are fewer.'), seed, identity }),
  z.strictObject({ by: z.literal('stratified').describe('of each combination of values of the columns its share, to the row'), share: share.describe('Of the rows, of each stratum, or of the groups.'), count: count.describe('How many rows, or with "cluster" groups; all where there are fewer.'), seed, identity }),
  z.strictObject({ by: z.literal('cluster').describe('all rows of some values of the column'), share: share.describe('Of the rows, of each stratum, or of the groups.'), count: count.describe('How many rows, or with "cluster" groups; all where there are fewer.'), seed }),
]);
type Options = z.infer<typeof options>;

/** Which rows a plan draws, and of which. */
export interface Sampling {
  /** The id of the step. */
  readonly step: string;
  readonly by: Options['by'];
  /** What parts rows into strata, or groups them. */
  readonly columns: readonly string[];
  /** Empty means all columns. */
  readonly identity: readonly string[];
  readonly share: number | undefined;
  readonly count: number | undefined;
  readonly seed: number;
  /** Before a split step of all rows, else of those that train. */
  readonly of: 'all' | 'training';
}

const identityOf = (given: Options): readonly string[] => ('identity' in given ? (given.identity ?? []) : []);

/**
 * Takes fewer rows: of all that there are before a split step, else of those that train. A hash of what identifies a row decides with the seed, so neither
 * threads nor the order of the files do. It happens before anything is learnt; which rows were drawn of how many stands in the evaluation.
 */
export const sample = defineKind<Options>({
  name: 'sample',
  role: 'sample',
  // A double has a text for each way of writing it: it neither groups nor parts.
  accepts: ['STRING', 'INT64', 'BOOL', 'TIMESTAMP', 'FLOAT64'],
  arity: [0, MAX_COLUMNS],
  families: false,
  options,
  names: identityOf,
  schema: () => [],
  refuse: (inputs, given) => {
    const own = inputs.slice(0, inputs.length - identityOf(given).length);
    const [fewest, most] = given.by === 'stratified' ? [1, MAX_COLUMNS] : given.by === 'cluster' ? [1, 1] : [0, 0];
    if (own.length < fewest || own.length > most) return { random: '"random" takes no column', reservoir: '"reservoir" takes no column', stratified: 'give the columns whose shares are kept, apart from those of the identity', cluster: 'give the one column whose rows of one value stay together' }[given.by];
    const double = own.find(({ type }) => type === 'FLOAT64');
    if (double) return `"${double.name}" is FLOAT64 and tells no groups apart; bin it in the source, or name a STRING, INT64, BOOL or TIMESTAMP column`;
    const both = [given.by === 'reservoir' ? undefined : given.share, given.by === 'random' ? undefined : given.count].filter((each) => each !== undefined);
    return both.length === 1 ? undefined : 'give either "share" or "count"';
  },
  lower: () => [],
});

/** What a plan asks to be drawn, in order. */
export function samplings({ steps }: Plan): readonly Sampling[] {
  const split = steps.findLastIndex(({ kind }) => kind === 'split');
  return steps.flatMap(({ id, kind, inputs, options: raw }, i): readonly Sampling[] => {
    if (kind !== sample.name) return [];
    const given = options.parse(raw);
    const names = identityOf(given);
    return [
      {
        step: id,
        by: given.by,
        columns: inputs.slice(0, inputs.length - names.length),
        identity: names,
        share: given.by === 'reservoir' ? undefined : given.share,
        count: given.by === 'random' ? undefined : given.count,
        seed: given.seed,
        of: i < split ? 'all' : 'training',
      },
    ];
  });
}
