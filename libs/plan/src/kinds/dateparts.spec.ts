import { afterAll, beforeAll, expect, it } from 'vitest';
import { StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const PARTS = ['year', 'quarter', 'month', 'day', 'weekday', 'weekend', 'hour', 'minute', 'second'];
const parts = async (times: readonly (bigint | null)[]) => trial.features({ steps: [{ dateparts: { column: 'time', parts: PARTS } }], features: PARTS, training: { time: times }, types: { time: 'TIMESTAMP' } });

it('tells the parts of a time as pandas does, over leap days, changes of the clock and centuries', async () => {
  const { micros, parts: wanted } = golden<{ micros: readonly string[]; parts: Readonly<Record<string, readonly number[]>> }>('dateparts');
  expect(await parts(micros.map(BigInt))).toEqual(wanted);
});

it('has no year before March 0 nor 8,000 years later, and no part of a missing time', async () => {
  const first = BigInt(Date.UTC(2000, 2, 1) - 2000 * 365.2425 * 86_400_000) * 1000n;
  const last = first + 8_000n * 31_556_952_000_000n - 1n;
  const { year, hour, weekend } = await parts([first, last, first - 1n, last + 1n, 9_223_372_036_854_775_806n, null]);
  expect(year).toEqual([0, 8000, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  expect([hour?.at(-1), weekend?.at(-1)]).toEqual([Number.NaN, 0]);
});
