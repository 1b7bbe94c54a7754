import { z } from 'zod';
import { defineKind } from '../kind.js';
import type { Plan } from '../plan.js';

const common = {
  rows: z.enum(['training', 'evaluation', 'all']).default('training').describe('Which rows: only training rows may be resampled; the others are there to be refused with a reason.'),
  calibrate: z.boolean().default(true).describe('Whether the probabilities of the model are put back to the share of 1 that there was before.'),
};
const drawn = {
  ...common,
  to: z.number().positive().max(1).default(1).describe('Rows of the smaller class for each row of the larger one, afterwards.'),
  seed: z.int().min(0).default(0).describe('Of the draws: the same seed draws the same rows.'),
};
const options = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('oversample').describe('rows of the smaller class are drawn again'), ...drawn }),
  z.strictObject({ by: z.literal('undersample').describe('rows of the larger class are left out'), ...drawn }),
  z.strictObject({ by: z.literal('smote').describe('rows of the smaller class are made up between neighbours (Chawla and others 2002)'), ...drawn, neighbours: z.int().min(1).max(50).default(5).describe('Among how many of its nearest neighbours a row is drawn from.') }),
  z.strictObject({ by: z.literal('weights').describe('rows count for more'), ...common, classes: z.union([z.literal('balanced'), z.strictObject({ zero: z.number().positive(), one: z.number().positive() })]).default('balanced').describe('What a row of each class counts for; balanced gives both classes the same sum.') }),
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
