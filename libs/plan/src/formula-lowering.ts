import type { Bool, F64, MatchPlace, Str } from './expression.js';
import { type Formula, fault } from './formula.js';
import { type FormulaNode, type FormulaType, FUNCTIONS } from './formula-functions.js';
import { type Ir, MAX_SUBSTRING, MAX_SUBSTRING_FROM } from './ir.js';

/** A part of a formula with its type; a bare null has none yet. */
type Typed = { readonly type: FormulaType; readonly node: FormulaNode } | undefined;

/** Where a formula is read. */
export interface FormulaScope {
  readonly ir: Ir;
  /** The columns by name. */
  readonly columns: ReadonlyMap<string, FormulaNode>;
}

/** A formula as a node: a number, or a text. Conditions become 1 and 0. FORMULA_INVALID names the character and the mend where types do not go together. */
export function lowerFormula(formula: Formula, scope: FormulaScope): F64 | Str {
  const found = typed(formula, { ...scope, done: new Map() });
  if (found?.node.type === 'f64' || found?.node.type === 'str') return found.node;
  if (found?.node.type === 'bool') return scope.ir.flag(found.node);
  throw fault(formula.at, found ? 'a time is no result; take a part of it, such as hour(…)' : 'the whole is null; take the step out');
}

const TYPE_OF = { f64: 'number', str: 'text', i64: 'time', bool: 'condition' } as const;
const PLACES: Readonly<Record<string, MatchPlace>> = { starts_with: 'start', ends_with: 'end', contains: 'anywhere' };
const SPECIAL: ReadonlySet<string> = new Set(['case', 'coalesce', 'isnull', 'in', '=', '!=', 'substring', 'replace', ...Object.keys(PLACES)]);

/** A scope with the parts that are done: a part is asked for its type before it is used. */
interface Reading extends FormulaScope {
  readonly done: Map<Formula, Typed>;
}

function typed(formula: Formula, scope: Reading): Typed {
  if (!scope.done.has(formula)) scope.done.set(formula, told(formula, scope));
  return scope.done.get(formula);
}

function told(formula: Formula, scope: Reading): Typed {
  const { ir, columns } = scope;
  switch (formula.kind) {
    case 'number':
      return { type: 'number', node: ir.lit(formula.value) };
    case 'text':
      return { type: 'text', node: ir.text(formula.value) };
    case 'null':
      return undefined;
    case 'column': {
      const node = columns.get(formula.name);
      if (!node || !(node.type in TYPE_OF)) throw fault(formula.at, `there is no column "${formula.name}"`);
      return { type: TYPE_OF[node.type], node };
    }
    case 'call':
      return SPECIAL.has(formula.name) ? special(formula, scope) : called(formula, scope);
  }
}

type Call = Formula & { readonly kind: 'call' };

function called({ name, args, at }: Call, scope: Reading): Typed {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) throw fault(at, `there is no function "${name}"; use one of ${[...Object.keys(FUNCTIONS), ...SPECIAL].filter((each) => /^\w/.test(each)).sort().join(', ')}`);
  const { takes, more = false, gives, lower } = known;
  if (args.length < takes.length || (args.length > takes.length && !more)) throw fault(at, `${name} takes ${takes.length}${more ? ' or more' : ''} and is given ${args.length}`);
  return { type: gives, node: lower(scope.ir, args.map((arg, i) => of(arg, takes[i] ?? takes.at(-1) ?? 'number', scope))) };
}

/** A part of the type that is needed. */
function of(formula: Formula, type: FormulaType, scope: Reading): FormulaNode {
  const found = typed(formula, scope);
  if (found?.type === type) return found.node;
  if (!found && type === 'number') return scope.ir.lit(Number.NaN);
  throw fault(formula.at, `a ${type} is needed and this is ${found ? `a ${found.type}` : 'null'}; ${MENDS[type]}`);
}

const MENDS: Readonly<Record<FormulaType, string>> = {
  number: 'make it one by "case when … then 1 else 0 end", or by a part of a time such as hour(…)',
  text: 'put it in single quotes, or name a text column',
  time: 'name a TIMESTAMP column',
  condition: 'compare it, such as x = 1',
};

const condition = (formula: Formula, scope: Reading) => of(formula, 'condition', scope) as Bool;

function special({ name, args, at }: Call, scope: Reading): Typed {
  const { ir } = scope;
  const [first, second, ...rest] = args;
  if (!first || (!second && name !== 'isnull' && name !== 'coalesce')) throw fault(at, `${name} is given too few`);
  if (name === 'case') return choice(args, { at, scope });
  if (name === 'coalesce') return alike(args, scope, (values) => values.reduceRight((others, value) => when(ir, ir.not(ir.isnull(value)), [value, others])));
  if (name === 'isnull') {
    const { node } = typed(first, scope) ?? { node: ir.lit(Number.NaN) };
    if (node.type === 'bool') throw fault(first.at, 'a condition is never null; ask for the columns in it');
    return { type: 'condition', node: ir.isnull(node) };
  }
  if (name === 'in') return { type: 'condition', node: args.slice(1).map((each) => equal(first, each, scope)).reduce((any, each) => ir.or(any, each)) };
  if (name === 'substring' || name === 'replace') return { type: 'text', node: changed(name, args, { at, scope }) };
  if (!second || rest.length > 0) throw fault(at, `${name} takes 2 and is given ${args.length}`);
  const place = PLACES[name];
  if (!place) return { type: 'condition', node: name === '=' ? equal(first, second, scope) : unequal(first, second, scope) };
  return { type: 'condition', node: ir.match(of(first, 'text', scope) as Str, place, written(second, name)) };
}

/** A text by another one of which the rest stands in the formula: ONNX takes nothing else that varies. */
function changed(name: 'substring' | 'replace', [first, second, third, ...rest]: readonly Formula[], { at, scope }: { readonly at: number; readonly scope: Reading }): Str {
  const { ir } = scope;
  if (!first || !second || !third || rest.length > 0) throw fault(at, `${name} takes 3: ${name === 'substring' ? "a text, the place of its first character from 1, and how many characters, such as substring(s, 1, 3)" : "a text, what to find in it and what to put there, such as replace(s, '-', '')"}`);
  const text = of(first, 'text', scope) as Str;
  if (name === 'substring') return ir.substring(text, counted(second, MAX_SUBSTRING_FROM), counted(third, MAX_SUBSTRING));
  const find = written(second, name);
  if (find === '') throw fault(second.at, 'replace looks for a text of at least one character; write one');
  return ir.replace(text, find, written(third, name));
}

function written(part: Formula, name: string): string {
  if (part.kind !== 'text') throw fault(part.at, `${name} looks for a text that stands here; put it in single quotes`);
  if (part.value.includes('\u0000') || !part.value.isWellFormed()) throw fault(part.at, 'a text holds U+0000 or half of a surrogate pair; take it out');
  return part.value;
}

function counted(part: Formula, most: number): number {
  if (part.kind !== 'number' || !Number.isInteger(part.value) || part.value < 1 || part.value > most) throw fault(part.at, `substring needs a whole number from 1 to ${most} here; write one`);
  return part.value;
}

function equal(left: Formula, right: Formula, scope: Reading): Bool {
  for (const side of [left, right]) if (side.kind === 'null') throw fault(side.at, 'nothing equals null; ask by "is null"');
  const type = typed(left, scope)?.type;
  if (type === 'text') return scope.ir.eq(of(left, type, scope) as Str, of(right, type, scope) as Str);
  return scope.ir.eq(of(left, 'number', scope) as F64, of(right, 'number', scope) as F64);
}

/** Different, and both there. */
function unequal(left: Formula, right: Formula, scope: Reading): Bool {
  const { ir } = scope;
  const same = equal(left, right, scope);
  const missing = [left, right].map((side) => ir.isnull((typed(side, scope)?.node ?? ir.lit(Number.NaN)) as F64 | Str)).reduce((any, each) => ir.or(any, each));
  return ir.not(ir.or(same, missing));
}

function choice(args: readonly Formula[], { at, scope }: { readonly at: number; readonly scope: Reading }): { readonly type: FormulaType; readonly node: FormulaNode } {
  const pairs = Array.from({ length: Math.floor(args.length / 2) }, (_, i) => args.slice(2 * i, 2 * i + 2));
  const nothing: Formula = { kind: 'null', at };
  const otherwise = args.length % 2 === 1 ? (args.at(-1) ?? nothing) : nothing;
  const conditions = pairs.flatMap(([first]) => (first ? [condition(first, scope)] : []));
  return alike([...pairs.flatMap(([, value]) => value ?? []), otherwise], scope, (values) => conditions.reduceRight((rest, is, i) => when(scope.ir, is, [values[i] ?? rest, rest]), values.at(-1) ?? scope.ir.lit(Number.NaN)));
}

type Values = readonly (F64 | Str)[];

/** Parts that must be of one type, numbers or texts. */
function alike(parts: readonly Formula[], scope: Reading, combine: (values: Values) => F64 | Str): { readonly type: FormulaType; readonly node: FormulaNode } {
  const type = parts.map((part) => typed(part, scope)?.type).find((each) => each !== undefined) ?? 'number';
  if (type === 'time') throw fault(parts[0]?.at ?? 1, 'times cannot be chosen between; take a part of each, such as hour(…)');
  const gap = type === 'text' ? parts.find(({ kind }) => kind === 'null') : undefined;
  if (gap) throw fault(gap.at, 'texts cannot be chosen to be null; give an "else" with a text');
  const needed = type === 'condition' ? 'number' : type;
  return { type: needed, node: combine(parts.map((part) => of(part, needed, scope) as F64 | Str)) };
}

/** Both are of one type. */
const when = (ir: Ir, is: Bool, [a, b]: readonly [F64 | Str, F64 | Str]): F64 | Str => (a.type === 'f64' ? ir.when(is, a, b as F64) : ir.when(is, a, b as Str));
