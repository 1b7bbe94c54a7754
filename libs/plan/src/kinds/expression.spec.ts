import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { a, b, s, time, cases } = golden<{
  a: readonly (number | null)[]; b: readonly (number | null)[]; s: readonly (string | null)[]; time: readonly (string | null)[]; cases: readonly { formula: string; values: readonly (number | 'Infinity' | '-Infinity' | null)[] }[];
}>('expression');
const training = { a, b, s, time: time.map((micros) => (micros === null ? null : BigInt(micros))), yes: a.map((_, i) => [true, false, null][i % 3] ?? null), 'odd name': b };
const types = { s: 'STRING', time: 'TIMESTAMP', yes: 'BOOL' } as const;
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const given = (formula: string): Trial => ({ steps: [{ expression: { formula, as: 'x' } }], features: ['x'], training, types });
const values = async (formula: string) => (await trial.features(given(formula)))['x'];

describe('a formula', () => {
  it.each(cases)('$formula is what numpy and pandas say', async ({ formula, values: wanted }) => {
    const found = (await values(formula)) ?? [];
    const finite = found.map((value, i) => (typeof wanted[i] === 'string' ? 0 : value));
    expectClose(finite, wanted.map((value) => (typeof value === 'string' ? 0 : value)));
    wanted.forEach((value, i) => typeof value === 'string' && expect(String(found[i])).toBe(value));
  });

  it('gives texts, which later steps encode, and reads names in double quotes and flags as 1 and 0', async () => {
    const steps = [{ expression: { formula: "case when a > 1 then s || '+' else 'low' end", as: 'level' } }, { ordinal: { column: 'level' } }];
    expect((await trial.features({ steps, features: ['level_code'], training: { a: [2, 3, 0, null, -1], s: ['p', 'p', 'p', 'q', 'q'] }, types }))['level_code']).toEqual([1, 1, 0, 0, 0]);
    expectClose(await values('"odd name" * 2'), b.map((value) => (value === null ? null : value * 2)));
    expect(await values('yes = true')).toEqual(training.yes.map((yes) => (yes === true ? 1 : 0)));
  });

  it('names the columns that it reads as inputs of its step', async () => {
    const { plan } = await trial.fit(given('coalesce(a, b) + a'));
    expect(plan.steps[0]).toEqual({ id: 'expression1', kind: 'expression', inputs: ['a', 'b'], options: { formula: 'coalesce(a, b) + a' }, outputs: ['x'] });
    expect(plan.inputs.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('a faulty formula is refused with its character and the mend:', () => {
  it.each([
    ['a +', 'character 4 of the formula: it ends where a column, a number, a text, a function or "(" is needed'],
    ['a + * b', 'character 5 of the formula: "*" is not expected'],
    ['(a + b', 'character 7 of the formula: ")" is needed at the end'],
    ['a b', 'character 3 of the formula: "b" is not expected; put an operator before it'],
    ['a ; b', 'character 3 of the formula: "; b" begins nothing that is known'],
    ["s = 'red", 'character 5 of the formula'],
    ['a + s', 'character 5 of the formula: a number is needed and this is a text; make it one'],
    ['a and b > 1', 'character 1 of the formula: a condition is needed and this is a number; compare it, such as x = 1'],
    ['(a > 1) + 1', 'character 4 of the formula: a number is needed and this is a condition'],
    ['a = null', 'character 5 of the formula: nothing equals null; ask by "is null"'],
    ['hour(a)', 'character 6 of the formula: a time is needed and this is a number; name a TIMESTAMP column'],
    ['time', 'character 1 of the formula: a time is no result; take a part of it'],
    ['lower(a)', 'character 7 of the formula: a text is needed and this is a number; put it in single quotes'],
    ['substring(s, 2)', 'character 1 of the formula: substring takes 3: a text, the place of its first character from 1, and how many'],
    ['length(substring(s, 0, 2))', 'character 21 of the formula: substring needs a whole number from 1 to 256 here; write one'],
    ['length(substring(s, 1, a))', 'character 24 of the formula: substring needs a whole number from 1 to 64 here; write one'],
    ["length(replace(s, '', '-'))", 'character 19 of the formula: replace looks for a text of at least one character; write one'],
    ["length(replace(s, s, '-'))", 'character 19 of the formula: replace looks for a text that stands here; put it in single quotes'],
    ["length(replace(s, '\ud800', '-'))", 'character 19 of the formula: a text holds U+0000 or half of a surrogate pair; take it out'],
    ['median(a)', 'character 1 of the formula: there is no function "median"; use one of abs'],
    ['sqrt(a, b)', 'sqrt takes 1 and is given 2'],
    ["case when a > 1 then s end", 'texts cannot be chosen to be null; give an "else" with a text'],
    ["case when a > 1 then s else 3 end", 'character 29 of the formula: a text is needed and this is a number'],
    ['starts_with(s, s)', 'starts_with looks for a text that stands here'],
    ['case a then b end', '"when" is needed before "a"; add it'],
    ['1 + 2', 'the formula names no column'],
    ['a + missing', 'reads the column "missing"'],
    [`${'('.repeat(150)}a${')'.repeat(150)}`, 'more than 100 levels'],
    [Array.from({ length: 600 }, () => 'a').join(' + '), 'more than 1000 words'],
    ['constructor(a)', 'there is no function "constructor"'],
    ['process.exit(1)', 'character 8 of the formula: ".exit(1)" begins nothing that is known'],
  ])('%s', async (formula, message) => {
    await expect(trial.fit(given(formula))).rejects.toThrow(message);
  });
});
