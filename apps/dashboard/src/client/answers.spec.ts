import { expect, it, vi } from 'vitest';
import { answers } from './answers.js';
import type { Call } from './rest.js';

const LOOKED_AT = 600;
const KEPT = 500;

/** A call whose address is its answer. */
const callOf = (i: number): Call<number> => ({ path: `data:application/json,${i}`, read: Number });
const valueOf = (i: number): unknown => answers.get(callOf(i).path).value;

it('keeps what somebody looks at and the newest of the rest, however much was looked at', async () => {
  const end = answers.show(callOf(0), () => undefined);
  await vi.waitFor(() => expect(valueOf(0)).toBe(0));
  for (let i = 1; i <= LOOKED_AT; i++) {
    const leave = answers.show(callOf(i), () => undefined);
    await vi.waitFor(() => expect(valueOf(i)).toBe(i), { interval: 1 });
    leave();
  }
  const known = Array.from({ length: LOOKED_AT }, (_, i) => i + 1).filter((i) => valueOf(i) !== undefined);
  expect(known).toEqual(Array.from({ length: KEPT }, (_, i) => LOOKED_AT - KEPT + 1 + i));
  expect(valueOf(0)).toBe(0);
  end();
  expect(valueOf(0)).toBe(0);
  expect(valueOf(LOOKED_AT - KEPT + 1)).toBeUndefined();
});

it('keeps no more of what was left before its answer came', async () => {
  const all = Array.from({ length: LOOKED_AT }, (_, i) => 1_000 + i);
  for (const i of all) answers.show(callOf(i), () => undefined)();
  await vi.waitFor(() => expect(valueOf(1_000 + LOOKED_AT - 1)).toBe(1_000 + LOOKED_AT - 1));
  expect(all.filter((i) => valueOf(i) !== undefined).length).toBe(KEPT);
});
