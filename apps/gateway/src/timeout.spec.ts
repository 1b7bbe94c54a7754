import { expect, it } from 'vitest';
import { timeoutMs } from './timeout.js';

it('is half a minute, or what the caller says in seconds', () => {
  expect(timeoutMs(undefined)).toBe(30_000);
  expect(timeoutMs('2.5')).toBe(2_500);
  expect(timeoutMs('600')).toBe(600_000);
});

it.each(['0', '-1', '601', '1e3', 'soon', '', '1,5', '0x10'])('is not %j', (given) => {
  expect(() => timeoutMs(given)).toThrow(expect.objectContaining({ reason: 'TIMEOUT_INVALID' }) as Error);
});
