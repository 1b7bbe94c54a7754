import { z } from 'zod';
import type { Str } from '../expression.js';
import { defineKind } from '../kind.js';

const MAX_COLUMNS = 16;
const options = z.strictObject({
  separator: z.string().refine((text) => !text.includes('\u0000') && !text.includes('\uFFFF') && text.isWellFormed(), 'U+0000, U+FFFF and halves of surrogate pairs cannot separate').default('-').describe('What stands between the texts.'),
});

/** Texts in one, such as a route of origin and destination; missing where one of them is. */
export const concat = defineKind<z.infer<typeof options>>({
  name: 'concat',
  role: 'transform',
  accepts: ['STRING'],
  arity: [2, MAX_COLUMNS],
  families: false,
  options,
  schema: (inputs) => [{ name: inputs.map(({ name }) => name).join('_'), type: 'STRING', nullable: inputs.some(({ nullable }) => nullable) }],
  lower: (ir, { separator }, columns) => {
    const texts = columns.flatMap(({ members }) => members.flatMap(({ node }) => (node.type === 'str' ? [node] : [])));
    const node = texts.reduce<Str | undefined>((sum, text) => (sum ? ir.concat(separator === '' ? sum : ir.concat(sum, ir.text(separator)), text) : text), undefined);
    return [node ? [{ name: columns.map(({ name }) => name).join('_'), node }] : []];
  },
});
