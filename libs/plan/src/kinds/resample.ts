import { z } from 'zod';
import { defineKind } from '../kind.js';
import type { Plan } from '../plan.js';

const common = {
  /** Which rows: only training rows may be resampled; the others are there to be refused with a reason. */
  rows: z.enum(['training', 'evaluation', 'all']).default('training'),
  /** Whether the probabilities of the model are put back to the share of 1 that there was before. */
  calibrate: z.boolean().default(true),
};
const drawn = {
  ...common,
  /** Rows of the smaller class for each row of the larger one, afterwards. */
  to: z.number().positive().max(1).default(1),
  seed: z.int().min(0).default(0),
};
const options = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('oversample'), ...drawn }),
  z.strictObject({ by: z.literal('undersample'), ...drawn }),
  z.strictObject({ by: z.literal('smote'), ...drawn, neighbours: z.int().min(1).max(50).default(5) }),
  z.strictObject({ by: z.literal('weights'), ...common, classes: z.union([z.literal('balanced'), z.strictObject({ zero: z.number().positive(), one: z.number().positive() })]).default('balanced') }),
]);

/** How the training rows of a model are balanced. */
export type Resampling = z.infer<typeof options>;

/**
 * Balances the training rows: the smaller class is drawn again (oversample) or made up between neighbours (smote), the larger one is thinned
 * (undersample), or rows count for more (weights). It happens once all features are made, right before the estimator; rows that evaluate are left alone.
 */
export const resample = defineKind<Resampling>({
  name: 'resample',
  role: 'resample',
  accepts: [],
  arity: [0, 0],
  families: false,
  options,
  schema: () => [],
  lower: () => [],
});

/** What a plan asks to be done to its training rows, in order. */
export const resamplings = ({ steps }: Plan): readonly Resampling[] => steps.flatMap((step) => (step.kind === resample.name ? [options.parse(step.options)] : []));
