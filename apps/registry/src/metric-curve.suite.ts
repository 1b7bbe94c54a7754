import type { MetricPoint } from '@millrace/contracts/millrace/registry/v1/experiment';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_POINTS, MAX_STEP } from './experiment.js';
import { LEAST_POINTS, MOST_POINTS, stretchesOf } from './metric-curve.js';
import type { RegistryHome } from './registry-home.fixture.js';

type Told = readonly [step: number | bigint, value: number];

let at: RegistryHome;

/** A run whose loss has these values, logged in this order, beside another metric. */
async function measure(points: readonly Told[]): Promise<string> {
  const { name: parent } = await at.registry.createExperiment({ experiment: { name: `experiments/${at.fresh('e')}` } });
  const { name } = await at.registry.createRun({ parent });
  await at.registry.logRun({ name, metrics: [{ key: 'other', step: 0n, value: 1e9 }, { key: 'loss_b', step: 7n, value: -1e9 }] });
  for (let i = 0; i < points.length; i += MAX_POINTS) await at.registry.logRun({ name, metrics: points.slice(i, i + MAX_POINTS).map(([step, value]) => ({ key: 'loss', step: BigInt(step), value, time: new Date(1_000) })) });
  return name;
}

const curve = (parent: string, asked: { readonly maxPoints?: number; readonly fromStep?: bigint; readonly toStep?: bigint; readonly key?: string } = {}) => at.registry.getMetricCurve({ parent, key: 'loss', ...asked });
const told = (points: readonly MetricPoint[]): readonly Told[] => points.map(({ step, value }) => [step, value]);
const steps = (points: readonly MetricPoint[]): readonly number[] => points.map(({ step }) => Number(step));

/** By step, then as they were logged. */
const sorted = (points: readonly Told[]): readonly Told[] => points.map(([step, value]) => [BigInt(step), value] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Which points a picture needs, worked out by hand. */
function needed(points: readonly Told[], maxPoints: number): readonly Told[] {
  const all = sorted(points);
  if (all.length <= maxPoints) return all;
  const finite = (value: number): boolean => Number.isFinite(value);
  const first = Number(all[0]?.[0]);
  const { many, width } = stretchesOf({ first, last: Number(all.at(-1)?.[0]) }, { maxPoints, nonFinite: all.filter(([, value]) => !finite(value)).length });
  const kept = new Set<Told | undefined>([all[0], all.at(-1)]);
  for (let i = 0; i < many; i++) {
    const stretch = all.filter(([step]) => Number(step) >= first + i * width && Number(step) < first + (i + 1) * width);
    const fit = stretch.filter(([, value]) => finite(value));
    kept.add(fit.find(([, value]) => value === Math.min(...fit.map(([, each]) => each)))).add(fit.find(([, value]) => value === Math.max(...fit.map(([, each]) => each)))).add(stretch.find(([, value]) => !finite(value)));
  }
  return all.filter((point) => kept.has(point));
}

/** What every home of the registry promises about the curve of a metric. */
export function metricCurveSuite(title: string, start: () => Promise<RegistryHome>): void {
  describe(`the curve of a metric ${title}`, () => {
    beforeAll(async () => void (at = await start()), 60_000);
    afterAll(() => at.close());

    it('is every point where they are few enough, by step and as they came', async () => {
      const parent = await measure([[2, 1], [0, 3], [1, 2], [2, 0.9], [-4, 5]]);
      const { metricPoints, totalPoints, nonFinitePoints } = await curve(parent);
      expect(told(metricPoints)).toEqual([[-4n, 5], [0n, 3], [1n, 2], [2n, 1], [2n, 0.9]]);
      expect([totalPoints, nonFinitePoints]).toEqual([5n, 0n]);
      expect(metricPoints[0]).toMatchObject({ key: 'loss', time: new Date(1_000) });
    });

    it('runs from the first step to the last and loses no spike, however long it is', async () => {
      const spikes = new Map([[7, 900], [12_345, -900], [19_998, 901]]);
      const parent = await measure(Array.from({ length: 20_000 }, (_, step) => [step, spikes.get(step) ?? Math.sin(step / 1_000)]));
      for (const maxPoints of [0, 10, 100, 999]) {
        const { metricPoints, totalPoints } = await curve(parent, { maxPoints });
        expect(totalPoints).toBe(20_000n);
        expect(metricPoints.length).toBeLessThanOrEqual(maxPoints || 1_000);
        expect(metricPoints.length).toBeGreaterThan((maxPoints || 1_000) * 0.55);
        expect([steps(metricPoints)[0], steps(metricPoints).at(-1)]).toEqual([0, 19_999]);
        expect(steps(metricPoints)).toEqual(expect.arrayContaining([...spikes.keys()]));
      }
    });

    it('is that which is worked out by hand, whatever the steps and the values', async () => {
      const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -50, max: 50 }) }, { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) });
      const step = fc.oneof(fc.integer({ min: -30, max: 400 }), fc.maxSafeInteger());
      const points = fc.array(fc.tuple(fc.oneof({ weight: 30, arbitrary: fc.integer({ min: -30, max: 400 }) }, { weight: 1, arbitrary: step }), value), { minLength: 1, maxLength: 150, size: 'max' });
      const ends = fc.tuple(fc.option(fc.bigInt(-40n, 100n), { nil: undefined }), fc.option(fc.bigInt(100n, 410n), { nil: undefined }));
      await fc.assert(
        fc.asyncProperty(points, fc.integer({ min: LEAST_POINTS, max: 90 }), ends, async (logged, maxPoints, [fromStep, toStep]) => {
          const { metricPoints, totalPoints, nonFinitePoints } = await curve(await measure(logged), { maxPoints, ...(fromStep === undefined ? {} : { fromStep }), ...(toStep === undefined ? {} : { toStep }) });
          const within = logged.filter(([each]) => each >= (fromStep ?? -Infinity) && each <= (toStep ?? Infinity));
          expect(told(metricPoints)).toEqual(needed(within, maxPoints));
          expect(metricPoints.length).toBeLessThanOrEqual(maxPoints);
          expect([totalPoints, nonFinitePoints]).toEqual([BigInt(within.length), BigInt(within.filter(([, each]) => !Number.isFinite(each)).length)]);
        }),
        { numRuns: 60, interruptAfterTimeLimit: 30_000 },
      );
    }, 60_000);

    it('tells where values were no finite numbers, and how many', async () => {
      const parent = await measure(Array.from({ length: 3_000 }, (_, step) => [step, step === 100 ? Infinity : step > 2_000 ? Number.NaN : step]));
      const { metricPoints, totalPoints, nonFinitePoints } = await curve(parent, { maxPoints: 62 });
      expect([totalPoints, nonFinitePoints, metricPoints.length <= 62]).toEqual([3_000n, 1_000n, true]);
      const astray = told(metricPoints).filter(([, value]) => !Number.isFinite(value));
      expect(astray[0]).toEqual([100n, Infinity]);
      expect(astray[1]).toEqual([2_001n, Number.NaN]);
      expect(astray.at(-1)).toEqual([2_999n, Number.NaN]);
      // An infinite value hides no other: the highest number beside it is there too.
      expect(told(metricPoints).filter(([, value]) => Number.isFinite(value)).at(-1)).toEqual([2_000n, 2_000]);
    });

    it('is looked at closer between two steps, both of them within', async () => {
      const parent = await measure(Array.from({ length: 5_000 }, (_, step) => [step - 1_000, step % 7]));
      const whole = await curve(parent, { maxPoints: 100 });
      const close = await curve(parent, { maxPoints: 100, fromStep: -10n, toStep: 60n });
      expect(steps(close.metricPoints)).toEqual(Array.from({ length: 71 }, (_, i) => i - 10));
      expect([whole.totalPoints, close.totalPoints]).toEqual([5_000n, 71n]);
      const [left, right, one] = await Promise.all([curve(parent, { toStep: -900n, maxPoints: 50 }), curve(parent, { fromStep: 3_000n, maxPoints: 50 }), curve(parent, { fromStep: 5n, toStep: 5n })]);
      expect([steps(left.metricPoints)[0], steps(left.metricPoints).at(-1), left.totalPoints]).toEqual([-1_000, -900, 101n]);
      expect([steps(right.metricPoints)[0], steps(right.metricPoints).at(-1), right.totalPoints]).toEqual([3_000, 3_999, 1_000n]);
      expect(told(one.metricPoints)).toEqual([[5n, 1_005 % 7]]);
      // How far the whole metric goes is said with any part of it.
      for (const { firstStep, lastStep } of [whole, close, one]) expect([firstStep, lastStep]).toEqual([-1_000n, 3_999n]);
      expect(await curve(parent, { fromStep: 9_000n })).toEqual({ metricPoints: [], totalPoints: 0n, nonFinitePoints: 0n, firstStep: -1_000n, lastStep: 3_999n });
      expect(await curve(parent, { key: 'los' })).toEqual({ metricPoints: [], totalPoints: 0n, nonFinitePoints: 0n });
    });

    it('says how far one step went up and down, where all was measured at that step', async () => {
      const parent = await measure(Array.from({ length: 2_000 }, (_, i) => [3, (i * 7) % 1_999]));
      expect(told((await curve(parent)).metricPoints)).toEqual([[3n, 0], [3n, 1_998], [3n, (1_999 * 7) % 1_999]]);
    });

    it('grows with the run', async () => {
      const name = await measure(Array.from({ length: 1_500 }, (_, step) => [step, step]));
      expect((await curve(name)).totalPoints).toBe(1_500n);
      await at.registry.logRun({ name, metrics: [{ key: 'loss', step: 1_500n, value: -1 }] });
      const { metricPoints, totalPoints } = await curve(name);
      expect([totalPoints, told(metricPoints).at(-1)]).toEqual([1_501n, [1_500n, -1]]);
    });

    it('has steps as far as every one is kept as it is, and none beyond', async () => {
      const name = await measure([[-MAX_STEP, 1], [MAX_STEP, 2], [MAX_STEP - 1n, 3], ...Array.from({ length: 30 }, (_, i): Told => [i, i])]);
      const { metricPoints } = await curve(name, { maxPoints: LEAST_POINTS });
      expect([told(metricPoints)[0], told(metricPoints).at(-1)]).toEqual([[-MAX_STEP, 1], [MAX_STEP, 2]]);
      expect((await at.registry.listMetricPoints({ parent: name, key: 'loss' })).metricPoints.at(-2)?.step).toBe(MAX_STEP - 1n);
      for (const step of [MAX_STEP + 1n, MAX_STEP + 2n, -MAX_STEP - 1n, 2n ** 63n - 1n]) {
        await expect(at.registry.logRun({ name, metrics: [{ key: 'auc', step: 1n, value: 1 }, { key: 'loss', step, value: 1 }] })).rejects.toThrow(`The run is wrong at metrics: a step of loss is ${step}, and steps lie between -9007199254740991 and 9007199254740991.`);
      }
      expect((await at.registry.getRun({ name })).metrics['auc']).toBeUndefined();
      expect((await curve(name, { fromStep: -(2n ** 63n), toStep: 2n ** 63n - 1n })).totalPoints).toBe(33n);
    });

    it.each([
      [{ maxPoints: 9 }, 'No curve can be drawn by max_points: 9 is not between 10 and 10000; 0 means 1000.'],
      [{ maxPoints: -1 }, 'by max_points: -1 is not between'],
      [{ maxPoints: MOST_POINTS + 1 }, 'by max_points: 10001 is not between'],
      [{ key: '' }, 'by key: name a metric of the run'],
      [{ fromStep: 5n, toStep: 4n }, 'by to_step: 4 lies before from_step, which is 5'],
    ])('is not drawn by %o, and the place is named', async (asked, why) => {
      const parent = await measure([[0, 1]]);
      await expect(curve(parent, asked)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_CURVE', message: expect.stringContaining(why) });
    });

    it('is that of a run', async () => {
      await expect(curve('experiments/none/runs/r')).rejects.toMatchObject({ reason: 'RUN_NOT_FOUND' });
      await expect(curve('experiments/none')).rejects.toMatchObject({ reason: 'INVALID_NAME' });
    });
  });
}
