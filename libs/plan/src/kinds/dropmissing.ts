import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const options = z.strictObject({
  above: z.number().min(0).max(1).default(0.5).describe('The share of the training rows up to which a column may be missing.'),
});

interface State {
  readonly share: number;
  readonly kept: boolean;
}

/** Lets go of columns that are missing in too many training rows; the others go on under their names. Later steps that read a column that is gone do without it. */
export const dropmissing = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'dropmissing',
  role: 'reduce',
  accepts: [...NUMBERS, 'STRING'],
  options,
  schema: ({ name, type, nullable }) => [{ name, type: type === 'STRING' ? type : 'FLOAT64', nullable, family: true }],
  fit: async (table, { above }) => (await table.missingShares()).map((share) => ({ share, kept: share <= above })),
  lower: (_, { kept }, column) => [kept ? [column] : []],
});
