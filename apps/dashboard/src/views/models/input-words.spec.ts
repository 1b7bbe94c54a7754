import { InputColumn } from '@millrace/contracts/millrace/registry/v1/model';
import { expect, it } from 'vitest';
import { seenOf } from './input-words.js';

it('tells texts that training saw apart by the blanks at their ends', () => {
  expect(seenOf(InputColumn.fromPartial({ categories: ['4', '4 ', 'WEB'] }))).toBe('4, “4\u00a0”, WEB');
  expect(seenOf(InputColumn.fromPartial({ categories: ['a', ' b', 'c'] }), 2)).toBe('a, “\u00a0b” and 1 more');
});
