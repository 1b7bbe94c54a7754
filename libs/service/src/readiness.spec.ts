import { afterEach, expect, it, vi } from 'vitest';
import { Readiness } from './readiness.js';

const open: Readiness[] = [];
afterEach(() => open.splice(0).forEach((readiness) => readiness.close()));

const watch = (probes: Record<string, () => Promise<unknown>>, options = {}): Readiness => {
  const readiness = new Readiness(probes, { everyMs: 5, patienceMs: 15, ...options });
  open.push(readiness);
  return readiness;
};

it('says what is away and why, and takes it back when it is there again', async () => {
  let away = true;
  const told: unknown[] = [];
  const readiness = watch({ bus: async () => { if (away) throw new Error('no broker answers'); }, store: async () => 3 }, { onChange: (faults: unknown) => told.push(faults) });
  await expect.poll(() => readiness.faults).toEqual(['bus: no broker answers']);
  away = false;
  await expect.poll(() => readiness.faults).toEqual([]);
  expect(told).toEqual([['bus: no broker answers'], []]);
});

it('takes who stays silent for away, and asks nobody twice at a time', async () => {
  const answer = Promise.withResolvers<void>();
  const probe = vi.fn(() => answer.promise);
  const readiness = watch({ store: probe });
  await expect.poll(() => readiness.faults).toEqual(['store: does not answer within 0.015 s']);
  expect(probe).toHaveBeenCalledTimes(1);
  answer.resolve();
  await expect.poll(() => readiness.faults).toEqual([]);
});
