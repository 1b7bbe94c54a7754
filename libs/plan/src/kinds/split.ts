import { z } from 'zod';
import { COLUMN_TYPES } from '@millrace/core';
import { defineKind } from '../kind.js';

const options = z.strictObject({ by: z.enum(['time', 'group', 'random']).default('time').describe('What sets the rows that evaluate aside: their time, the value of the column, or chance.') });

/**
 * Says where in a plan the rows that evaluate are set aside: what stands before may compute but not learn. It makes no columns; how many rows
 * evaluate is said where training is described, and the two must agree.
 */
export const split = defineKind<z.infer<typeof options>>({
  name: 'split',
  role: 'split',
  accepts: COLUMN_TYPES,
  arity: [0, 1],
  families: false,
  options,
  schema: () => [],
  refuse: (inputs, { by }) => ((by === 'random') === (inputs.length === 0) ? undefined : by === 'random' ? 'a random split reads no column' : `give the column of the ${by}`),
  lower: () => [],
});
