import { z } from 'zod';
import { DATE_PARTS, datePart } from '../calendar.js';
import { defineKind } from '../kind.js';

const options = z.strictObject({
  parts: z.array(z.enum(DATE_PARTS)).min(1).refine((parts) => new Set(parts).size === parts.length, 'name each part once').default(['hour', 'weekday']).describe('Which parts, in their order.'),
});

/** Parts of a time in UTC: hour 0 to 23, weekday 0 (Sunday) to 6, weekend 0 or 1, month 1 to 12, year from March 0 on for 8,000 years. */
export const dateparts = defineKind<z.infer<typeof options>>({
  name: 'dateparts',
  role: 'transform',
  accepts: ['TIMESTAMP'],
  arity: [1, 1],
  families: false,
  options,
  schema: ([input], { parts }) => parts.map((name) => ({ name, type: 'FLOAT64', nullable: name === 'weekend' ? false : name === 'year' || (input?.nullable ?? true) })),
  lower: (ir, { parts }, [column]) => {
    const node = column?.members[0]?.node;
    return parts.map((part) => (node?.type === 'i64' ? [{ name: part, node: datePart(ir, part, node) }] : []));
  },
});
