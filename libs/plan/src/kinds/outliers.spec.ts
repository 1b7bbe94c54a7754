import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toLeftOutSql } from '../index.js';
import { expectClose, StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const training = golden<readonly number[]>('numbers');
const served = golden<readonly number[]>('served');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('outliers', () => {
  it.each(golden<readonly { by: string; width?: number; clipped: readonly number[]; flags: readonly number[] }[]>('outliers'))('are found as by scipy and pandas: $by, $width', async ({ by, width, clipped, flags }) => {
    const step = { column: 'v', by, ...(width !== undefined && { width }) };
    expectClose(await trial.numbers({ outliers: step }, { training, served }), clipped);
    const flagged = await trial.features({ steps: [{ outliers: { ...step, action: 'flag' } }], features: ['v', 'v_outlier'], training: { v: training }, served: { v: served } });
    expect(flagged['v_outlier']).toEqual(flags);
    expectClose(flagged['v'], served);
    const missing = await trial.numbers({ outliers: { ...step, action: 'missing' } }, { training, served });
    expectClose(missing, served.map((value, i) => (flags[i] === 1 ? null : value)));
  });

  it.each(golden<readonly { by: string; width?: number; kept: readonly number[]; keptMean: number }[]>('outliers'))('take their rows out of training, and the others teach later steps: $by, $width', async ({ by, width, kept, keptMean }) => {
    const step = { column: 'v', by, ...(width !== undefined && { width }) };
    for (const action of ['drop', 'quarantine']) {
      const given = { steps: [{ outliers: { ...step, action } }, { impute: { column: 'v', strategy: 'mean' } }], features: ['v'], training: { v: training }, served: { v: [...served, null] } };
      expectClose((await trial.trainingFeatures(given)).map(({ v }) => Number(v)), kept);
      // Every served row is answered, with its own value.
      expectClose((await trial.features(given))['v'], [...served, keptMean]);
      const { rules = [], sql = '' } = toLeftOutSql(await trial.fit(given), 'training', { tail: ['id'] }) ?? {};
      expect(rules).toEqual([{ step: 'step "outliers1" (outliers)', column: 'v', aside: action === 'quarantine' }]);
      expect((await trial.checker.query(`SELECT count(*) FILTER (rule = 0)::INTEGER AS went, count(*)::INTEGER AS all FROM (${sql})`))[0]).toEqual({ went: training.length - kept.length, all: training.length });
    }
  });

  it('leave missing values missing and take infinite ones', async () => {
    const given = { training, served: [null, Number.NaN, Infinity, -Infinity, 3] };
    expect(await trial.numbers({ outliers: { column: 'v', action: 'missing' } }, given)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, 3]);
    expect((await trial.numbers({ outliers: { column: 'v' } }, given)).map(Number.isFinite)).toEqual([false, false, true, true, true]);
  });

  it('are none where the training values do not spread', async () => {
    expect(await trial.numbers({ outliers: { column: 'v', by: 'mad' } }, { training: [1, 1, 1, 9], served: [1, -50, 70] })).toEqual([1, -50, 70]);
  });
});
