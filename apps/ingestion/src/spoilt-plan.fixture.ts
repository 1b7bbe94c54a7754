import type { Schema } from '@millrace/core';
import { parsePlan } from '@millrace/plan';
import type { DraftPlan } from '@millrace/plan/fixture';
import fc from 'fast-check';
import { NAMES } from './random-files.fixture.js';

/** One thing that people get wrong, or write in an odd way. */
export interface Spoil {
  readonly what: 'option' | 'columns' | 'kind' | 'id' | 'as' | 'formula' | 'features' | 'step' | 'order';
  /** Of which step, and by which of the odd things. */
  readonly at: number;
  readonly odd: number;
}

const OPTIONS = ['above', 'action', 'as', 'base', 'bins', 'buckets', 'by', 'classes', 'column', 'columns', 'components', 'count', 'explains', 'flag', 'formula', 'id', 'identity', 'max', 'max_groups', 'min', 'min_count', 'min_share', 'missing', 'neighbours', 'op', 'parts', 'quantiles', 'range', 'rows', 'sample', 'seed', 'separator', 'share', 'shift', 'smoothing', 'strategy', 'to', 'trees', 'unseen', 'value', 'width', 'zero', 'constructor', 'nobody'];
const VALUES = [null, 0, -1, 1, 2, 0.5, -0.5, 1e308, -1e308, 5e-324, 2 ** 53, Number.NaN, Infinity, '', 'x', 'fit', 'mode', 'constant', 'quarantine', true, [], [0.1, 0.9], [1, 0], [-1e308, 1e308], ['a'], ['hour', 'hour'], {}, { a: 1 }, { zero: 1, one: 5e-324 }, '\u0000', '\ud83d', "'; DROP TABLE training_rows; --", 'é'.repeat(300)];
const FORMULAS = ['', '1', "'x'", '(', 'nobody + 1', '"nobody" is null', 'sum(a)', 'a +', "'it''s", "''", 'null', 'case', '1 / 0', `${'('.repeat(4_000)}1${')'.repeat(4_000)}`, 'not '.repeat(2_000), '-'.repeat(9_000), '\u0000', `coalesce(${'1, '.repeat(2_000)}1)`, '1e999', '"', 'a in ()'];
const STEPS = [null, 5, 'impute', [], {}, { impute: {}, clip: {} }, { impute: null }, { impute: { columns: [] } }, { kind: 'impute' }, { kind: 'clip', inputs: ['a'], options: { min: 0 }, outputs: [] }, { ['__proto__']: {} }];
const COLUMNS = [[], ['nobody'], ['features'], [''], ['__proto__'], ['constructor'], 'features', 5, null];
const KINDS = ['impuet', '', 'constructor', 'toString', '__proto__', 'IMPUTE', 'kind', 'é'];

/** Mostly nothing; else one thing or two. */
export const spoils: fc.Arbitrary<readonly Spoil[]> = fc.nat({ max: 9 }).chain((chance) => {
  const spoil = (...what: readonly Spoil['what'][]) => fc.record({ what: fc.constantFrom(...what), at: fc.nat({ max: 999 }), odd: fc.nat({ max: 9_999 }) });
  if (chance < 4) return fc.constant<Spoil[]>([]);
  return chance < 7 ? fc.array(spoil('as', 'order'), { minLength: 1, maxLength: 2 }) : fc.array(spoil('option', 'option', 'option', 'columns', 'kind', 'id', 'as', 'formula', 'features', 'step'), { minLength: 1, maxLength: 2 });
});

type Written = Readonly<Record<string, unknown>>;

/** A plan with these things done to it; what comes out may be anything. */
export function spoilt(draft: DraftPlan, given: readonly Spoil[], inputs: Schema): { readonly steps: readonly unknown[]; readonly features: unknown } {
  return given.reduce<{ readonly steps: readonly unknown[]; readonly features: unknown }>((plan, { what, at, odd }) => {
    const place = at % Math.max(plan.steps.length, 1);
    const [kind = '', body = {}] = entryOf(plan.steps[place]);
    const withStep = (step: unknown) => ({ ...plan, steps: plan.steps.length === 0 ? [step] : plan.steps.with(place, step) });
    const withBody = (more: Written) => withStep({ [kind]: { ...body, ...more } });
    switch (what) {
      case 'option':
        return withBody({ [pick(OPTIONS, at) ?? '']: pick(VALUES, odd) });
      case 'columns':
        return withBody({ columns: pick([...COLUMNS, ...inputs.flatMap(({ name }) => [[name], [name, name]])], odd) });
      case 'kind':
        return withStep({ [pick(KINDS, odd) ?? '']: body });
      case 'id':
        return withBody({ id: pick([entryOf(plan.steps[0])[1]?.['id'], '', '__proto__', 5, 'a "quoted" id'], odd) });
      case 'formula':
        return withStep({ expression: { formula: pick(FORMULAS, odd) } });
      case 'features':
        return { ...plan, features: pick([[], ['nobody'], undefined, 'a', [...inputs, ...inputs].map(({ name }) => name), inputs.map(({ name }) => name), ['__proto__'], [5]], odd) };
      case 'step':
        return withStep(pick(STEPS, odd));
      case 'order':
        return { ...plan, steps: plan.steps.length === 0 ? [] : [...plan.steps.slice(place), ...plan.steps.slice(0, place)] };
      case 'as':
        return renamed(plan, inputs, odd);
    }
  }, draft);
}

const AS = [...NAMES, '__millrace_row', '__rule', '__order', '__target', 'rule', 'fold', 'k0', 'x0', 'n1', 'v0', 'p', 'o', 'y', 'one', 'features', 'y_missing', 'pc1', 'é'.repeat(300)];

/** Gives what the last step makes other names, which is legal unless two are one. */
function renamed(plan: { readonly steps: readonly unknown[]; readonly features: unknown }, inputs: Schema, odd: number) {
  try {
    const { steps, features } = parsePlan(plan, { inputs });
    const place = steps.findLastIndex(({ outputs }) => outputs.length > 0);
    const outputs = steps[place]?.outputs ?? [];
    const as = outputs.map((_, i) => pick(AS, odd + i * 7));
    const [kind = '', body] = entryOf(plan.steps[place]);
    return place < 0 ? plan : { steps: plan.steps.with(place, { [kind]: { ...body, as } }), features: features.map((name) => as[outputs.indexOf(name)] ?? name) };
  } catch {
    // It is spoilt already.
    return plan;
  }
}

const entryOf = (step: unknown): readonly [string?, Written?] => (typeof step === 'object' && step !== null ? (Object.entries(step)[0] ?? []) : []);
const pick = <T>(from: readonly T[], place: number): T | undefined => from[place % from.length];
