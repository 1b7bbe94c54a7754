import type { Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { columnsOf, extendPlan, MAX_STEPS, parsePlan, planDigest } from './index.js';

const inputs: Schema = [
  { name: 'a', type: 'FLOAT64', nullable: true },
  { name: 'n', type: 'INT64', nullable: false },
  { name: 's', type: 'STRING', nullable: true },
  { name: 't', type: 'STRING', nullable: false },
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  { name: 'unused', type: 'BOOL', nullable: true },
];
const parse = (plan: unknown) => parsePlan(plan, { inputs });
const withStep = (step: unknown, features: readonly string[] = ['a']) => () => parse({ steps: [step], features });

describe('a plan', () => {
  const written = {
    steps: [{ dateparts: { column: 'date', parts: ['hour', 'month'] } }, { concat: { columns: ['s', 't'], as: 'route' } }, { frequency: { column: 'route' } }, { impute: { id: 'fill', columns: ['a', 'n'], strategy: 'median', flag: true } }],
    features: ['hour', 'month', 'route_frequency', 'a', 'n', 'a_missing'],
  };

  it('is filled in: inputs that it reads, ids, options and outputs', () => {
    const plan = parse(written);
    expect(plan.inputs.map(({ name }) => name)).toEqual(['a', 'n', 's', 't', 'date']);
    expect(plan.steps[1]).toEqual({ id: 'concat2', kind: 'concat', inputs: ['s', 't'], options: { separator: '-' }, outputs: ['route'] });
    expect(plan.steps[3]).toEqual({ id: 'fill', kind: 'impute', inputs: ['a', 'n'], options: { strategy: 'median', flag: true }, outputs: ['a', 'a_missing', 'n', 'n_missing'] });
    expect(columnsOf(plan).get('n')).toEqual({ name: 'n', type: 'FLOAT64', nullable: false });
  });

  it('reads its own filled-in form to the same digest, and the digest sees every option', () => {
    const plan = parse(written);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(planDigest(parsePlan(JSON.parse(JSON.stringify(plan))))).toBe(planDigest(plan));
    expect(planDigest(plan)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(planDigest(parse({ ...written, features: written.features.toReversed() }))).not.toBe(planDigest(plan));
    expect(planDigest(parse({ ...written, steps: [{ dateparts: { column: 'date', parts: ['hour', 'month', 'weekday'] } }, ...written.steps.slice(1)] }))).not.toBe(planDigest(plan));
  });

  it('takes its features from a select at its end', () => {
    expect(parse({ steps: [{ select: { columns: ['n', 'a'] } }] }).features).toEqual(['n', 'a']);
    expect(() => parse({ steps: [{ standard: { column: 'a' } }] })).toThrow('names no features');
  });

  it('is extended by steps that stand on its features', () => {
    const plan = parse({ steps: [], features: ['a', 'n'] });
    expect(extendPlan(plan, [{ impute: { columns: 'features' } }, { standard: { columns: 'features' } }]).features).toEqual(['a', 'n']);
    expect(extendPlan(plan, [{ bin: { column: 'a', as: 'level' } }]).features).toEqual(['level', 'n']);
    expect(extendPlan(plan, [{ dateparts: { column: 'date' } }], { inputs }).features).toEqual(['a', 'n', 'hour', 'weekday']);
  });
});

describe('a faulty plan is refused by name:', () => {
  it.each([
    ['an unknown kind', withStep({ imput: { column: 'a' } }), 'step "imput1" is of the kind "imput", which does not exist; use one of bin, cast'],
    ['an unknown kind that objects have', withStep({ constructor: { column: 'a' } }), 'which does not exist'],
    ['an unknown column', withStep({ standard: { id: 'z', columns: ['a', 'b'] } }), 'step "z" (standard) reads the column "b"'],
    ['a column of a wrong type', withStep({ standard: { id: 'z', column: 's' } }), 'step "z" (standard) cannot take the column "s" of type STRING; it takes FLOAT64, INT64, BOOL'],
    ['a family where one column is needed', () => parse({ steps: [{ onehot: { column: 's' } }, { expr: { op: 'sum', columns: ['a', 's_onehot'] } }], features: ['a'] }), 'of type family of columns'],
    ['too few columns', withStep({ concat: { column: 's' } }), 'step "concat1" (concat) takes 2 to 16 columns and was given 1'],
    ['a wrong option', withStep({ impute: { column: 'a', strategy: 'middle' } }), 'step "impute1" (impute): strategy'],
    ['an option that there is not', withStep({ impute: { column: 'a', stratgy: 'mean' } }), 'stratgy'],
    ['a constant without a value', withStep({ impute: { column: 'a', strategy: 'constant' } }), 'give "value" with the strategy "constant"'],
    ['the median of a text', withStep({ impute: { column: 's' } }), 'a text has no median'],
    ['a value of another type', withStep({ impute: { column: 's', strategy: 'constant', value: 1 } }), 'the value 1 is of another type'],
    ['quantiles upside down', withStep({ clip: { column: 'a', quantiles: [0.9, 0.1] } }), 'the first quantile must be below the second'],
    ['an expression with one operand', withStep({ expr: { op: 'sum', column: 'a', as: 'b' } }), 'give two columns, or one column and a "value"'],
    ['a step with two kinds', withStep({ standard: { column: 'a' }, minmax: { column: 'a' } }), 'exactly one key'],
    ['a step without columns', withStep({ standard: {} }), 'give either "column" or "columns"'],
    ['a step that is a text', withStep('standard'), 'a step is written as { kind: { … } }'],
    ['a column twice', withStep({ standard: { columns: ['a', 'a'] } }), 'reads the column "a" twice'],
    ['too many names', withStep({ standard: { column: 'a', as: ['x', 'y'] } }), 'makes 1 columns (a); give "as" as many'],
    ['an id twice', () => parse({ steps: [{ standard: { id: 'z', column: 'a' } }, { minmax: { id: 'z', column: 'a' } }], features: ['a'] }), 'Two steps of the plan have the id "z"'],
    ['a feature that is a text', () => parse({ features: ['s'] }), 'features.s is of type STRING; a feature must be a number: add a step such as onehot'],
    ['a feature that is a time', () => parse({ features: ['date'] }), 'such as dateparts'],
    ['an unknown feature', () => parse({ features: ['b'] }), 'features.b reads the column "b"'],
    ['a feature twice', () => parse({ features: ['a', 'a'] }), 'leaves the plan twice'],
    ['an unknown key', () => parse({ step: [], features: ['a'] }), 'step'],
    ['an id that is a number', withStep({ standard: { id: 5, column: 'a' } }), 'steps[0].standard: id: give a text instead of 5.'],
    ['columns that are a number', withStep({ standard: { columns: 5 } }), 'columns: give a text or a list instead of 5.'],
    ['a column that is a number', withStep({ standard: { columns: ['a', 5] } }), 'columns: 1: give a text instead of 5.'],
    ['a column without a name', withStep({ standard: { column: '' } }), 'column: give a text that is not empty.'],
    ['an option that is missing', withStep({ pca: { column: 'a' } }), 'step "pca1" (pca): components: give a number.'],
    ['an option of which there are some', withStep({ log: { column: 'a', shift: 'x', base: 3 } }), 'shift: give a number or "fit" instead of "x"; base: give one of "e", 2, 10 instead of 3.'],
    ['a way that is missing', withStep({ sample: {} }), 'by: give one of "random", "reservoir", "stratified", "cluster".'],
    ['an option beyond its bounds', withStep({ bin: { column: 'a', bins: 1_001 } }), 'bins: give a number, at most 1000.'],
    ['too few parts', withStep({ dateparts: { column: 'date', parts: [] } }), 'parts: name at least 1.'],
    ['a step that is nothing of its kind', withStep({ impute: 5 }), 'steps[0].impute: give named values instead of 5.'],
    ['no plan at all', () => parse(undefined), 'not valid at the plan'],
    ['too many steps', () => parse({ steps: Array.from({ length: MAX_STEPS + 1 }, () => ({ standard: { column: 'a' } })), features: ['a'] }), 'more than 1000'],
  ])('%s', (_, run, message) => expect(run).toThrow(message));
});
