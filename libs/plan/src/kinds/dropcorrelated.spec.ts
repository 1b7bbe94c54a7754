import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

interface Verdict {
  readonly column: string;
  readonly kept: boolean;
  readonly value: number;
  readonly with?: string;
}
const { numbers, full, words, cases } = golden<{
  numbers: Readonly<Record<string, readonly (number | null)[]>>; full: Readonly<Record<string, readonly number[]>>; words: Readonly<Record<string, readonly string[]>>; cases: readonly { by: string; above: number; verdicts: readonly Verdict[] }[];
}>('dropcorrelated');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const given = (options: object, training: Trial['training'] = numbers): Trial => ({ steps: [{ dropcorrelated: { columns: Object.keys(training), ...options } }], features: Object.keys(training), training });
const verdicts = async (question: Trial) => ((await trial.state(question)) as { columns: readonly Verdict[] }).columns;

describe('dropping columns that say what others say', () => {
  it.each(cases.filter(({ by }) => by !== 'cramer'))('keeps by $by what pandas and statsmodels would keep', async ({ by, above, verdicts: wanted }) => {
    const found = await verdicts(given({ by, above }, by === 'pearson' ? numbers : full));
    expect(found.map(({ value: _, ...rest }) => rest)).toEqual(wanted.map(({ value: _, ...rest }) => rest));
    found.forEach(({ value }, i) => expect(value / (wanted[i]?.value || 1)).toBeCloseTo(wanted[i]?.value === 0 ? 0 : 1, 8));
    expect(Object.keys(await trial.features(given({ by, above }, by === 'pearson' ? numbers : full)))).toEqual(wanted.flatMap(({ column, kept }) => (kept ? [column] : [])));
  });

  it.each(cases.filter(({ by }) => by === 'cramer'))('keeps texts by the association of scipy, up to $above', async ({ above, verdicts: wanted }) => {
    const types = Object.fromEntries(Object.keys(words).map((name) => [name, 'STRING' as const]));
    const columns = Object.keys(words);
    const steps = [{ dropcorrelated: { columns, by: 'cramer', above } }, { onehot: { columns } }];
    const fitted = await trial.fit({ steps, features: columns.map((name) => `${name}_onehot`), training: words, types });
    const found = (fitted.states['dropcorrelated1'] as { columns: readonly Verdict[] }).columns;
    expect(found.map(({ value: _, ...rest }) => rest)).toEqual(wanted.map(({ value: _, ...rest }) => rest));
    found.forEach(({ value }, i) => expect(value).toBeCloseTo(wanted[i]?.value ?? 0, 10));
  });

  it('lets a column go that others determine wholly, with an infinite factor', async () => {
    const a = [1, 2, 3, 4, 5, 7];
    const b = [2, -1, 0, 5, 3, 1];
    const found = await verdicts(given({ by: 'vif' }, { a, b, sum: a.map((x, i) => x + (b[i] ?? 0)) }));
    expect(found.map(({ kept, value }) => [kept, Number.isFinite(value)])).toEqual([[true, true], [true, true], [false, false]]);
  });

  it('takes a constant column as going with none', async () => {
    expect(await verdicts(given({}, { a: [1, 2, 3], b: [5, 5, 5] }))).toEqual([{ column: 'a', kept: true, value: 0 }, { column: 'b', kept: true, value: 0, with: 'a' }]);
  });

  it('compares texts with texts and numbers with numbers', async () => {
    await expect(trial.fit(given({ by: 'cramer' }))).rejects.toThrow('is a number: compare numbers by "pearson", "spearman" or "vif"');
  });
});
