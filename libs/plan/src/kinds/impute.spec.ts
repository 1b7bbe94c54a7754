import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { groups, values, filled } = golden<{ groups: readonly (string | null)[]; values: readonly (number | null)[]; filled: Readonly<Record<string, readonly number[]>> }>('impute');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const given = (options: object, changes: Partial<Trial> = {}): Trial => ({ steps: [{ impute: { column: 'v', by: 'g', ...options } }], features: ['v'], training: { g: groups, v: values }, types: { g: 'STRING' }, ...changes });

describe('imputing by group', () => {
  it.each(['mean', 'median', 'mode'])('fills by the %s of the group as pandas does, and by that of all where a group has none', async (strategy) => {
    expectClose((await trial.features(given({ strategy })))['v'], filled[strategy] ?? []);
  });

  it('fills what has no group, an unseen one, or one beyond the largest by all rows', async () => {
    const served = { g: ['unseen', null, '', 'a'], v: [null, null, Number.NaN, Infinity] };
    const all = (await trial.features({ ...given({ strategy: 'median' }), steps: [{ impute: { column: 'v' } }], served: { v: [null] } }))['v']?.[0];
    expect((await trial.features(given({ strategy: 'median' }, { served })))['v']).toEqual([all, all, all, Infinity]);
    const largest = (await trial.state(given({ max_groups: 1 }))) as { columns: readonly { groups: { keys: readonly string[] } }[] };
    expect(largest.columns[0]?.groups.keys).toEqual(['a']);
  });

  it('fills texts by the most frequent one of the group', async () => {
    const training = { g: ['a', 'a', 'a', 'b', 'b', 'c'], t: ['x', 'x', null, 'y', null, null] };
    const steps = [{ impute: { column: 't', by: 'g', strategy: 'mode' } }, { ordinal: { column: 't', as: 'code' } }];
    expect((await trial.features({ steps, features: ['code'], training, types: { g: 'STRING', t: 'STRING' } }))['code']).toEqual([0, 0, 0, 1, 1, 0]);
  });

  it('treats several columns, each with its own flag', async () => {
    const steps = [{ impute: { columns: ['v', 'w'], by: 'g', flag: true } }];
    const features = await trial.features({ steps, features: ['v', 'v_missing', 'w', 'w_missing'], training: { g: ['a', 'a', 'b'], v: [1, null, 3], w: [null, 5, 6] }, types: { g: 'STRING' } });
    expect(features).toEqual({ v: [1, 1, 3], v_missing: [0, 1, 0], w: [5, 5, 6], w_missing: [1, 0, 0] });
  });

  it('groups by a text column only, and not by a constant', async () => {
    await expect(trial.fit(given({}, { types: {}, training: { g: [1, 2], v: [1, null] } }))).rejects.toThrow('"g" is of type FLOAT64 and cannot group; name a STRING column');
    await expect(trial.fit(given({ strategy: 'constant', value: 1 }))).rejects.toThrow('a constant is the same in every group');
  });
});
