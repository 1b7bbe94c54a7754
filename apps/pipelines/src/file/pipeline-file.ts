import { COLUMN_TYPES } from '@millrace/core';
import { Cron } from 'croner';
import { z } from 'zod';
import { duration } from './duration.js';
import { trainingSplit } from './training-split.js';

const NAME = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must start with a lower-case letter and hold lower-case letters, digits and dashes, at most 63');
const COLUMN = z.string().min(1).max(128);
const share = z.number().min(0).max(1);
const count = z.number().int().min(0);
/** A share that must be exceeded; 1 never is. */
const limit = z.number().positive('must be above 0; 1 turns this rule off').max(1);

const column = z.strictObject({
  type: z.enum(COLUMN_TYPES),
  required: z.boolean().default(false),
  source_name: z.string().default(''),
  missing: z.array(z.string()).default([]),
  bad_cell: z.enum(['quarantine', 'missing', 'fail']).default('quarantine'),
  format: z.string().default(''),
  formats: z.array(z.string().min(1)).optional().describe('Further strptime formats of a TIMESTAMP, tried in their order.'),
  numbers: z.strictObject({ thousands: z.string().default(''), decimal: z.string().min(1).default('.') }).optional().describe('How numbers are written in text.'),
  true_texts: z.array(z.string().min(1)).optional().describe('Words for true, in the place of the usual ones.'),
  false_texts: z.array(z.string().min(1)).optional().describe('Words for false, in the place of the usual ones.'),
  units: z.record(z.string().min(1), z.number()).optional().describe('Units behind a number, each with what one of it counts.'),
  bits: z.union([z.literal(32), z.literal(64)]).optional().describe('Into how many bits an INT64 must fit.'),
  known: z.enum(['at_event', 'after_event']).optional().describe('When a cell is known: at the event of its row, unless it is said to be after_event.'),
});

const RULES = ['range', 'accepted', 'pattern', 'not_null', 'row_count', 'missing_share', 'presence', 'unique', 'freshness', 'compare'] as const;

const expectation = z
  .strictObject({
    column: COLUMN.optional(),
    severity: z.enum(['warn', 'quarantine', 'fail']).default('warn'),
    range: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
    accepted: z.array(z.string()).min(1).optional(),
    pattern: z.string().optional(),
    not_null: z.literal(true).optional(),
    row_count: z.strictObject({ min: count.optional(), max: count.optional() }).optional(),
    missing_share: z.strictObject({ max: share }).optional(),
    presence: z.strictObject({ min: share }).optional().describe('In at least so many of the rows the cell is there.'),
    unique: z.strictObject({ with: z.array(COLUMN).default([]) }).optional().describe('No two rows have the same value, taken together with those of other columns.'),
    freshness: z.strictObject({ max_age: duration }).optional().describe('The newest time is at most so old when the run is asked for.'),
    compare: z
      .strictObject({ is: z.enum(['==', '!=', '<', '<=', '>', '>=']), to: COLUMN, missing: z.enum(['pass', 'break']).default('pass') })
      .optional()
      .describe('How the cell stands to that of another column in the same row; a row that lacks one of them passes or breaks the rule.'),
  })
  .refine((value) => RULES.filter((rule) => value[rule] !== undefined).length === 1, `must have exactly one of ${RULES.join(', ')}`);

const contract = z.strictObject({
  event_time: COLUMN,
  key: z.array(COLUMN).default([]),
  keep: z.enum(['first', 'last', 'newest', 'none']).default('first'),
  newest_by: COLUMN.optional().describe('The column whose largest value makes a row the newest; the event time when it is not said.'),
  partition: z.strictObject({ by: z.enum(['day', 'month']), column: COLUMN }).optional().describe('Cuts versions by the time of a column, in UTC, into parts that are made and replaced one by one.'),
  extra_columns: z.enum(['drop', 'fail']).default('drop'),
  max_quarantined_share: share.default(0),
  columns: z.record(COLUMN, column).default({}),
  expectations: z.record(z.string(), expectation).default({}),
});

const rollupColumn = z
  .strictObject({ count: z.union([z.literal(true), COLUMN]).optional(), sum: COLUMN.optional(), min: COLUMN.optional(), max: COLUMN.optional(), mean: COLUMN.optional(), variance: COLUMN.optional(), stddev: COLUMN.optional(), quantile: COLUMN.optional(), distinct: COLUMN.optional(), share: share.optional() })
  .refine(({ share: _, ...folds }) => Object.values(folds).filter((fold) => fold !== undefined).length === 1, 'must have exactly one of count, sum, min, max, mean, variance, stddev, quantile, distinct')
  .refine((value) => (value.quantile === undefined) === (value.share === undefined), 'needs a share for quantile, and for it alone');

const source = z.strictObject({
  path: z.string().min(1).optional().describe('A file or a folder, beside the pipeline file or below an allowed root, or s3://bucket/prefix.'),
  postgres: z
    .strictObject({ connection: z.string().min(1), table: z.string().min(1).optional(), query: z.string().min(1).optional(), incremental: COLUMN.optional() })
    .refine(({ table, query }) => (table === undefined) !== (query === undefined), 'must have exactly one of table, query')
    .optional()
    .describe('A table or a query of the database whose URL stands in the environment variable that is named as connection, where the service runs.'),
  kafka: z
    .strictObject({ connection: z.string().min(1), topic: z.string().min(1), event_id: COLUMN.optional(), skip_removed: z.boolean().default(false), descriptor: z.string().min(1).optional(), message: z.string().min(1).optional() })
    .refine(({ descriptor, message }) => (descriptor === undefined) === (message === undefined), 'must have both of descriptor, message, or neither')
    .optional()
    .describe('A topic of the brokers whose URL stands in the environment variable that is named as connection, where the service runs; JSON objects, or the protobuf message of a FileDescriptorSet.'),
  rollup: z
    .strictObject({ of: NAME, by: z.array(COLUMN).default([]), every: duration, columns: z.record(COLUMN, rollupColumn) })
    .optional()
    .describe('Another source, rolled up: a row for each group in each window of its event time, with the bounds of the window as since and until.'),
  format: z.enum(['csv', 'json_lines', 'json', 'parquet']).optional(),
  mode: z.enum(['append', 'replace']).default('append'),
  new_files_only: z.boolean().default(false).describe('Files that were read before, and that are as they were, are left out.'),
  contract,
})
  .refine(({ path, postgres, kafka, rollup }) => [path, postgres, kafka, rollup].filter((place) => place !== undefined).length <= 1, 'must not have more than one of path, postgres, kafka, rollup')
  .refine((value) => !value.new_files_only || [value.postgres, value.kafka, value.rollup].every((place) => place === undefined), 'has new_files_only only where it reads files: of a table say postgres.incremental, and topics and rollups are read on from where the last run stopped');

/** The columns of which a feature takes what the newest rows have. */
const newestOf = ({ latest, latest_present, previous, difference }: NewestSpec) => [latest, latest_present, previous, difference];
interface NewestSpec {
  readonly latest?: string | undefined;
  readonly latest_present?: string | undefined;
  readonly previous?: string | undefined;
  readonly difference?: string | undefined;
}

const feature = z
  .strictObject({
    latest: COLUMN.optional(),
    latest_present: COLUMN.optional().describe('The newest known value that is not missing.'),
    previous: COLUMN.optional().describe('The value of an earlier event; steps says which.'),
    difference: COLUMN.optional().describe('The latest value less that of an earlier event; steps says which.'),
    steps: z.int().min(1).max(15).optional().describe('How many events before the newest one; 1 unless given.'),
    mean: COLUMN.optional(), sum: COLUMN.optional(), min: COLUMN.optional(), max: COLUMN.optional(), count: z.literal(true).optional(), window: duration.optional(),
  })
  .refine((value) => [...newestOf(value), value.mean, value.sum, value.min, value.max, value.count].filter((fold) => fold !== undefined).length === 1, 'must have exactly one of latest, latest_present, previous, difference, mean, sum, min, max, count')
  .refine((value) => value.steps === undefined || value.previous !== undefined || value.difference !== undefined, 'has steps only with previous or difference')
  .refine((value) => newestOf(value).every((column) => column === undefined) === (value.window !== undefined), 'needs a window, except for latest, latest_present, previous and difference, which take none');

const derived = z
  .strictObject({ column: COLUMN, greater_than: z.number().optional(), at_least: z.number().optional(), less_than: z.number().optional(), at_most: z.number().optional(), equals: z.number().optional() })
  .refine(({ column: _, ...comparisons }) => Object.values(comparisons).filter((bound) => bound !== undefined).length === 1, 'must have exactly one of greater_than, at_least, less_than, at_most, equals');

// As the feature store takes them: a filter must be able to say them.
const owner = z.string().regex(/^[^\s"=]{1,128}$/, 'must be a name or an address of at most 128 characters without spaces, quotes and equals signs');
const tags = z.record(z.string().regex(/^[^\s"=:]{1,128}$/, 'must have 1 to 128 characters and no spaces, quotes, colons and equals signs'), z.string().regex(/^[^\s"=]{0,128}$/, 'must be a text of at most 128 characters without spaces, quotes and equals signs'));
/** Who answers for a definition and what it is found by, in the place of what the file says for all. */
const described = { owner: owner.optional(), tags: tags.optional() };

const view = z.strictObject({
  description: z.string().default(''),
  ...described,
  entity: NAME,
  source: NAME,
  keys: z.record(COLUMN, COLUMN),
  event_time: COLUMN,
  knowledge_time: z.strictObject({ column: COLUMN.optional(), delay: duration.optional(), terms: z.record(COLUMN, duration).default({}) }).optional(),
  tile: duration.optional(),
  ttl: duration.optional(),
  derive: z.record(COLUMN, derived).default({}),
  features: z.record(COLUMN, feature),
});

const reference = z.strictObject({ view: NAME, features: z.array(COLUMN).default([]), prefix: z.string().default(''), keys: z.record(COLUMN, COLUMN).default({}) });

const onDemandView = z.strictObject({
  description: z.string().default(''),
  ...described,
  request: z.record(COLUMN, z.enum(COLUMN_TYPES)).default({}).describe('Columns that a request brings, and in training the spine.'),
  reads: z.array(reference).default([]).describe('Features of other views, under the names that formulas read.'),
  formulas: z.record(COLUMN, z.string().min(1)).describe('Features by name, each with its formula, in the language of the step "expression".'),
});

const rung = z.strictObject({ name: NAME, estimator: z.string(), params: z.record(z.string(), z.unknown()).default({}), steps: z.array(z.unknown()).default([]) });

/** Whether a clock can run by it; one that cannot would only fail once everything is kept. */
function isCron(text: string): boolean {
  try {
    return new Cron(text, { paused: true, timezone: 'UTC' }).nextRun() !== null;
  } catch {
    return false;
  }
}

const GUARD = z.enum(['flag', 'reject', 'ignore']);
const trigger = z
  .strictObject({ schedule: z.string().refine(isCron, 'must be a cron expression in UTC, such as 0 3 * * * for every night at three').optional(), on: z.enum(['new_data', 'drift', 'performance']).optional() })
  .refine(({ schedule, on }) => (schedule === undefined) !== (on === undefined), 'must have exactly one of schedule, on');

/** The pipeline file: what keeps one model good, from source to retraining. */
export const pipelineFile = z.strictObject({
  millrace: z.literal(1).describe('Version of this form.'),
  pipeline: NAME.describe('Name of the pipeline; applying a file of the same name makes a new version of it.'),
  description: z.string().default('').describe('What it predicts, for people.'),
  // Not there unless said, so that files from before them keep their digest.
  owner: owner.optional().describe('Who answers for the entities, feature views and feature services of the file. What is not said stays as it is.'),
  tags: tags.optional().describe('What the entities, feature views and feature services of the file are found by, such as domain: flights.'),
  sources: z.record(NAME, source).describe('Datasets by name: where they come from, and the contract that their rows must keep.'),
  entities: z.record(NAME, z.strictObject({ description: z.string().default(''), ...described, join_keys: z.record(COLUMN, z.enum(COLUMN_TYPES)) })).default({}).describe('What features are about, with the columns that tell one from another.'),
  feature_views: z.record(NAME, view).default({}).describe('Features of one entity from one source, as of when they were known.'),
  // Not there unless said, so that files from before it keep their digest.
  on_demand_views: z.record(NAME, onDemandView).optional().describe('Features that are computed when they are asked for, by formulas over what a request brings and over features of other views.'),
  feature_services: z.record(NAME, z.array(reference)).default({}).describe('The features that one model reads, from one or more views.'),
  training: z.strictObject({
    spine: NAME,
    features: NAME.optional(),
    labels: z.record(COLUMN, z.strictObject({ column: COLUMN, greater_than: z.number() })).default({}),
    target: COLUMN,
    split: trainingSplit,
    groups: z.array(COLUMN).min(1).optional(),
    sample: z.strictObject({ share, seed: count.default(0) }).optional(),
    max_training_rows: count.default(0),
    seed: count.default(0),
  }).describe('Which rows train and evaluate, and what is predicted.'),
  plan: z.strictObject({ steps: z.array(z.unknown()).default([]), features: z.array(z.string()).min(1) }).describe('Transforms that are fitted on training rows, and the columns that the model sees.'),
  ladder: z.array(rung).min(1).max(20).describe('Estimators from the simplest to the challenger, which is the last.'),
  gate: z.record(z.string(), z.unknown()).default({}).describe('What a challenger must reach, and whom it must beat, before it is released.'),
  register: z.strictObject({ model: NAME, alias: NAME.default('champion') }).describe('The model that versions are registered under, and the alias that is moved to a released one.'),
  endpoint: z.strictObject({ name: NAME, description: z.string().default(''), guard: z.strictObject({ out_of_range: GUARD.default('flag'), unseen_category: GUARD.default('flag'), missing: GUARD.default('flag') }).default({ out_of_range: 'flag', unseen_category: 'flag', missing: 'flag' }) }).optional().describe('Where predictions are asked for, and what is done with inputs that training did not see.'),
  monitor: z
    .strictObject({
      name: NAME,
      window: duration,
      lateness: duration.default(0),
      min_predictions: count.default(0),
      drift: z.strictObject({ psi: z.number().positive().default(0.25), min_columns: z.number().int().min(1).default(1), ignore: z.array(COLUMN).default([]) }).optional(),
      // On unless it is said otherwise: a feature that stops arriving hides from PSI, which compares the values that are there.
      quality: z.strictObject({ missing_increase: limit.default(0.1), unseen_share: limit.default(0.05), ignore: z.array(COLUMN).default([]) }).default({ missing_increase: 0.1, unseen_share: 0.05, ignore: [] }),
      performance: z
        .strictObject({ metric: z.enum(['auc', 'log_loss', 'brier', 'ece']), at_most: z.number().optional(), at_least: z.number().optional(), min_labels: count.default(1000), whole_interval: z.boolean().default(false) })
        .refine((rule) => (rule.metric === 'auc' ? rule.at_least !== undefined && rule.at_most === undefined : rule.at_most !== undefined && rule.at_least === undefined), 'auc needs at_least; log_loss, brier and ece need at_most')
        .optional(),
    })
    .optional()
    .describe('Windows over the predictions, and when drift, missing values or performance are an alert.'),
  triggers: z.record(NAME, trigger).default({}).describe('What starts a run besides a person.'),
  guards: z.strictObject({ cooldown: duration.default(0), min_new_labels: count.default(0), max_concurrent: z.number().int().min(1).max(10).default(1) }).default({ cooldown: 0, min_new_labels: 0, max_concurrent: 1 }).describe('What holds triggers back.'),
});
export type PipelineFile = z.infer<typeof pipelineFile>;
export type SourceSpec = PipelineFile['sources'][string];
