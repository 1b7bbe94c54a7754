import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { values, targets, cases } = golden<{ values: readonly number[]; targets: readonly number[]; cases: readonly { bins: number; min_share: number; edges: readonly number[]; places: readonly number[] }[] }>('bin');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const given = (options: object, changes: Partial<Trial> = {}): Trial => ({ steps: [{ bin: { column: 'v', by: 'target', ...options } }], features: ['v_bin'], training: { v: values, late: targets }, target: 'late', ...changes });
const edgesOf = async (question: Trial) => ((await trial.state(question)) as { columns: readonly { edges: readonly number[] }[] }).columns[0]?.edges;

describe('bins by the target', () => {
  it.each(cases)('are the leaves of a tree of scikit-learn: $bins leaves, each at least $min_share of the rows', async ({ bins, min_share, edges, places }) => {
    expect(await edgesOf(given({ bins, min_share }))).toEqual(edges);
    expect((await trial.features(given({ bins, min_share })))['v_bin']).toEqual(places);
  });

  it('are one where the target does not depend on the value, or nothing can be split', async () => {
    expect(await edgesOf(given({}, { training: { v: values, late: values.map(() => 1) } }))).toEqual([]);
    expect(await edgesOf(given({}, { training: { v: values.map(() => 3), late: targets } }))).toEqual([]);
    expect((await trial.features(given({}, { training: { v: values.map(() => 3), late: targets }, served: { v: [1, null, Infinity] } })))['v_bin']).toEqual([0, Number.NaN, 0]);
  });

  it('split between doubles that have none between them', async () => {
    const next = 1 + Number.EPSILON;
    expect(await edgesOf(given({ bins: 2, min_share: 0.5 }, { training: { v: [1, 1, next, next], late: [0, 0, 1, 1] } }))).toEqual([next]);
  });

  it('take a least share with the target only', async () => {
    await expect(trial.fit(given({ by: 'width', min_share: 0.1 }))).rejects.toThrow('give "min_share" with "by: target" only');
  });
});
