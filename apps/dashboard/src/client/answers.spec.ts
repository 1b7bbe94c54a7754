import { expect, it, vi } from 'vitest';
import { answers, together } from './answers.js';
import { type Call, RestFailure } from './rest.js';

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

it('gathers several answers once all are there, and tells of the first that has failed', () => {
  const [there, failed, open] = [{ value: 1, failure: undefined }, { value: undefined, failure: new RestFailure(503, 'UNAVAILABLE', 'away') }, { value: undefined, failure: undefined }];
  expect(together({ a: there, b: { value: 'two', failure: undefined } })).toEqual({ value: { a: 1, b: 'two' }, failure: undefined });
  expect(together({ a: there, b: open })).toEqual({ value: undefined, failure: undefined });
  expect(together({ a: there, b: open, c: failed })).toEqual({ value: undefined, failure: failed.failure });
  expect(together({ a: { ...there, failure: failed.failure } }), 'an old answer stays beside a new failure').toEqual({ value: { a: 1 }, failure: failed.failure });
});

it('tells who watches what on the screen has failed, for as long as it is shown', async () => {
  const call: Call<number> = { path: 'data:application/json,nothing', read: Number };
  let told = 0;
  const ends = [answers.watch(() => void told++), answers.show(call, () => undefined)];
  await vi.waitFor(() => expect(answers.failed().map(({ failure }) => failure?.code)).toEqual(['INTERNAL']));
  expect(told).toBe(1);
  ends[1]?.();
  expect(answers.failed()).toEqual([]);
  expect(told).toBe(2);
  ends[0]?.();
});
