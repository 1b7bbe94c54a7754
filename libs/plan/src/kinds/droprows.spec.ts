import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitPlan, toLeftOutSql } from '../index.js';
import { StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { columns: training, cases } = golden<{ columns: Readonly<Record<'a' | 'b' | 's', readonly (number | string | null)[]>>; cases: readonly { missing: string; rows: readonly number[]; mean: number }[] }>('droprows');
const types = { s: 'STRING' } as const;
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('rows that miss a value', () => {
  it.each(cases)('are left out of training as pandas does, and later steps learn from the others: $missing', async ({ missing, rows, mean }) => {
    const given = { steps: [{ droprows: { columns: ['a', 's'], missing } }, { impute: { column: 'b', strategy: 'mean' } }], features: ['a', 'b'], training, types };
    expect(Object.values((await trial.fit(given)).states)[1]).toMatchObject({ columns: [{ fill: mean }] });
    const left = await trial.trainingFeatures(given);
    expect(left).toHaveLength(rows.length);
    expect(left.map((row) => row['a'])).toEqual(rows.map((row) => training.a[row]));
  });

  it('are found once where the rows can keep what was found, with the same state', async () => {
    const steps = [{ outliers: { column: 'a', by: 'z', width: 1, action: 'drop' } }, { impute: { column: 'b', strategy: 'mean' } }, { droprows: { column: 's' } }, { standard: { columns: ['a', 'b'] } }];
    const fitted = await trial.fit({ steps, features: ['a', 'b'], training, types });
    const kept: string[] = [];
    const keep = async (sql: string) => {
      await trial.checker.query(`CREATE OR REPLACE TABLE kept${kept.push(sql)} AS ${sql}`);
      return `kept${kept.length}`;
    };
    expect(await fitPlan(fitted.plan, { relation: 'training', order: 'id', query: trial.checker.query, keep })).toEqual(fitted);
    expect(kept).toHaveLength(2);
    expect(await trial.checker.query('SELECT rule FROM kept2 ORDER BY id')).toEqual([null, null, 1, 1, 1, 0].map((rule) => ({ rule })));
  });

  it('are answered when they are served: every row has features', async () => {
    const { a = [], b = [] } = await trial.features({ steps: [{ droprows: { columns: ['a', 's'] } }, { impute: { columns: ['a', 'b'], strategy: 'mean' } }], features: ['a', 'b'], training, types });
    expect(a).toHaveLength(6);
    // The mean of the two rows that were left.
    expect(a.slice(0, 4)).toEqual([1, 30.5, 3, 30.5]);
    expect(b[2]).toBe(2.5);
  });

  it('count once, for the first rule that they meet', async () => {
    const fitted = await trial.fit({ steps: [{ droprows: { id: 'first', columns: ['s', 'a'] } }, { droprows: { id: 'second', column: 'b' } }], features: ['a', 'b'], training, types });
    const { rules = [], sql = '' } = toLeftOutSql(fitted, 'training', { tail: ['id'] }) ?? {};
    expect(rules).toEqual([['first', 's'], ['first', 'a'], ['second', 'b']].map(([step, column]) => ({ step: `step "${step}" (droprows)`, column, aside: false })));
    expect((await trial.checker.query(`SELECT rule FROM (${sql}) ORDER BY id`)).map(({ rule }) => rule)).toEqual([null, 1, 0, 0, 0, null]);
    expect(toLeftOutSql(await trial.fit({ steps: [], features: ['a'], training, types }), 'training', {})).toBeUndefined();
  });

  it('leave the others with their own features where names differ in case alone', async () => {
    const given = { steps: [{ droprows: { column: 'a' } }, { onehot: { column: 's' } }], features: ['a', 's_onehot'], training: { a: [1, 2, null, 4], s: ['Red', 'red', 'red', 'RED'] }, types };
    expect((await trial.trainingFeatures(given)).map((row) => Object.values(row))).toEqual([[1, 0, 1, 0], [2, 0, 0, 1], [4, 1, 0, 0]]);
  });

  it('leave nothing to learn from where each row misses one', async () => {
    await expect(trial.fit({ steps: [{ droprows: { columns: ['a', 'b'] } }, { standard: { column: 'a' } }], features: ['a'], training: { a: [1, null], b: [null, 2] } })).rejects.toThrow('"a" has no finite value in the training rows');
  });
});
