import { expect, it } from 'vitest';
import { plainValue, valueText } from './value.js';

it('shows a text with blanks at its ends between marks, and keeps it in a file as it is', () => {
  const value = { kind: { $case: 'stringValue' as const, value: 'WEB ' } };
  expect([valueText(value), plainValue(value), valueText(undefined)]).toEqual(['“WEB\u00a0”', 'WEB ', 'missing']);
});
