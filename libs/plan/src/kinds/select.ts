import { z } from 'zod';
import { COLUMN_TYPES } from '@millrace/core';
import { defineKind } from '../kind.js';

const options = z.strictObject({});

/** Names the columns that go on; as the last step it says which features leave the plan. */
export const select = defineKind<z.infer<typeof options>>({
  name: 'select',
  role: 'reduce',
  accepts: COLUMN_TYPES,
  arity: [1, Infinity],
  families: true,
  columnwise: true,
  options,
  schema: (inputs) => inputs.map((input) => (input.type === 'INT64' ? { ...input, type: 'FLOAT64' } : input)),
  lower: (_, __, columns) => columns.map(({ members }) => members),
});
