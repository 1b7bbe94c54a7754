import { DATE_PARTS, datePart } from './calendar.js';
import { exactLn } from './exact-ln.js';
import type { Bool, F64, I64, Str } from './expression.js';
import type { Ir } from './ir.js';

/** What a part of a formula is. */
export type FormulaType = 'number' | 'text' | 'time' | 'condition';
export type FormulaNode = F64 | Str | I64 | Bool;

/** A function or operator of formulas. */
export interface FormulaFunction {
  readonly takes: readonly FormulaType[];
  /** Whether the last argument may come again and again. */
  readonly more?: true;
  readonly gives: FormulaType;
  /** The arguments have the types that it takes. */
  readonly lower: (ir: Ir, args: readonly FormulaNode[]) => FormulaNode;
}

// The caller has checked the types of all arguments against `takes`.
const numbers = (args: readonly FormulaNode[]) => args as readonly F64[];
const texts = (args: readonly FormulaNode[]) => args as readonly Str[];
const conditions = (args: readonly FormulaNode[]) => args as readonly Bool[];

const unary = (lower: (ir: Ir, a: F64) => F64): FormulaFunction => ({ takes: ['number'], gives: 'number', lower: (ir, args) => numbers(args).slice(0, 1).map((a) => lower(ir, a))[0] ?? ir.lit(Number.NaN) });
const binary = (lower: (ir: Ir, a: F64, b: F64) => F64): FormulaFunction => ({ takes: ['number', 'number'], gives: 'number', lower: (ir, args) => fold(ir, args, (a, b) => lower(ir, a, b)) });
const extreme = (lower: (ir: Ir, a: F64, b: F64) => Bool): FormulaFunction => ({
  takes: ['number', 'number'], more: true, gives: 'number',
  // Missing where one of them is: then neither is at least the other.
  lower: (ir, args) => fold(ir, args, (a, b) => ir.when(lower(ir, a, b), a, ir.when(lower(ir, b, a), b, ir.lit(Number.NaN)))),
});
const fold = (ir: Ir, args: readonly FormulaNode[], combine: (a: F64, b: F64) => F64) => {
  const [first = ir.lit(Number.NaN), ...others] = numbers(args);
  return others.reduce(combine, first);
};
const comparison = (op: 'lt' | 'le' | 'gt' | 'ge'): FormulaFunction => ({ takes: ['number', 'number'], gives: 'condition', lower: (ir, args) => both(ir, numbers(args), (a, b) => ir[op](a, b)) });
const both = <T>(ir: Ir, [a, b]: readonly T[], make: (a: T, b: T) => Bool): Bool => (a === undefined || b === undefined ? ir.isnull(ir.lit(0)) : make(a, b));
const ofText = (gives: FormulaType, lower: (ir: Ir, a: Str) => F64 | Str): FormulaFunction => ({ takes: ['text'], gives, lower: (ir, args) => texts(args).slice(0, 1).map((a) => lower(ir, a))[0] ?? ir.text('') });
const logic = (op: 'and' | 'or'): FormulaFunction => ({ takes: ['condition', 'condition'], gives: 'condition', lower: (ir, args) => both(ir, conditions(args), (a, b) => ir[op](a, b)) });
const logarithm = (base: number) => unary((ir, a) => (base === 1 ? exactLn(ir, a) : ir.div(exactLn(ir, a), ir.lit(base))));
const negated = (ir: Ir, a: F64) => ir.mul(a, ir.lit(-1));
/** A part is missing with its time, also where dateparts has a plain 0. */
const part = (name: (typeof DATE_PARTS)[number]): FormulaFunction => ({
  takes: ['time'], gives: 'number', lower: (ir, [time]) => (time?.type === 'i64' ? ir.when(ir.isnull(time), ir.lit(Number.NaN), datePart(ir, name, time)) : ir.lit(Number.NaN)),
});

const JOINED: FormulaFunction = { takes: ['text', 'text'], gives: 'text', lower: (ir, args) => texts(args).slice(1).reduce<Str>((sum, text) => ir.concat(sum, text), texts(args)[0] ?? ir.text('')) };

/** Every function whose arguments have one type each; case, coalesce, =, !=, in, isnull, substring, replace and the searches in texts are told in formula-lowering.ts. */
export const FUNCTIONS: Readonly<Record<string, FormulaFunction>> = {
  '+': binary((ir, a, b) => ir.add(a, b)),
  '-': binary((ir, a, b) => ir.sub(a, b)),
  '*': binary((ir, a, b) => ir.mul(a, b)),
  '/': binary((ir, a, b) => ir.div(a, b)),
  '%': binary((ir, a, b) => ir.sub(a, ir.mul(b, ir.floor(ir.div(a, b))))),
  minus: unary(negated),
  '<': comparison('lt'),
  '<=': comparison('le'),
  '>': comparison('gt'),
  '>=': comparison('ge'),
  and: logic('and'),
  or: logic('or'),
  not: { takes: ['condition'], gives: 'condition', lower: (ir, args) => conditions(args).slice(0, 1).map((a) => ir.not(a))[0] ?? ir.isnull(ir.lit(0)) },
  abs: unary((ir, a) => ir.when(ir.lt(a, ir.lit(0)), negated(ir, a), a)),
  floor: unary((ir, a) => ir.floor(a)),
  ceil: unary((ir, a) => negated(ir, ir.floor(negated(ir, a)))),
  round: unary((ir, a) => ir.add(ir.floor(a), ir.flag(ir.ge(ir.sub(a, ir.floor(a)), ir.lit(0.5))))),
  sqrt: unary((ir, a) => ir.sqrt(a)),
  ln: logarithm(1),
  log2: logarithm(Math.LN2),
  log10: logarithm(Math.LN10),
  least: extreme((ir, a, b) => ir.le(a, b)),
  greatest: extreme((ir, a, b) => ir.ge(a, b)),
  '||': JOINED,
  concat: { ...JOINED, more: true },
  lower: ofText('text', (ir, a) => ir.recase(a, 'lower')),
  upper: ofText('text', (ir, a) => ir.recase(a, 'upper')),
  trim: ofText('text', (ir, a) => ir.trim(a)),
  length: ofText('number', (ir, a) => ir.length(a)),
  ...Object.fromEntries(DATE_PARTS.map((name) => [name, part(name)])),
};
