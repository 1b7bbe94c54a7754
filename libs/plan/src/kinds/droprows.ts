import { z } from 'zod';
import type { Bool } from '../expression.js';
import { defineKind, NUMBERS } from '../kind.js';

const options = z.strictObject({
  missing: z.enum(['any', 'all']).default('any').describe('Whether a row goes where any of the columns is missing, or only where all are.'),
});

/**
 * Leaves training rows out where a column is missing. Rows that evaluate or are served are answered all the same: later steps say what becomes of the missing
 * value, and the endpoint's guard (`missing: reject`) refuses such a row with the name of the column. Later steps learn from the rows that are left.
 */
export const droprows = defineKind<z.infer<typeof options>>({
  name: 'droprows',
  role: 'clean',
  accepts: [...NUMBERS, 'STRING', 'TIMESTAMP'],
  arity: [1, Infinity],
  families: true,
  options,
  schema: () => [],
  lower: () => [],
  leaves: (ir, { missing }, columns) => {
    const conditions = columns.flatMap(({ members }) => members.map(({ name, node }) => ({ column: name, when: ir.isnull(node), aside: false })));
    if (missing === 'any') return conditions;
    const [first, ...others] = conditions.map(({ when }) => when);
    return first ? [{ column: columns.map(({ name }) => name).join(', '), when: others.reduce<Bool>((all, each) => ir.and(all, each), first), aside: false }] : [];
  },
});
