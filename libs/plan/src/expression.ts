import type { ColumnType } from '@millrace/core';

/** f64: NaN is missing. i64, str: missing is a state of its own. bool: two-valued, missing compares false. vec: several f64, read by elem. */
export type ValueType = 'f64' | 'i64' | 'str' | 'bool' | 'f32' | 'vec';
/** The value types that a table's column can have. */
export type ColumnValue = 'f64' | 'i64' | 'str';

export const ARITHMETIC = ['add', 'sub', 'mul', 'div'] as const;
export const COMPARISON = ['lt', 'le', 'gt', 'ge'] as const;
export type Arithmetic = (typeof ARITHMETIC)[number];
export type Comparison = (typeof COMPARISON)[number];

/** ASCII letters as small or as capital ones. */
export type LetterCase = 'lower' | 'upper';

/** Where in a text another one is looked for. */
export type MatchPlace = 'start' | 'end' | 'anywhere';

/** One row of a lookup table for each key, all of the same width. */
export interface LookupTable {
  readonly keys: readonly string[];
  readonly rows: readonly (readonly number[])[];
  /** For text that is no key. */
  readonly unseen: readonly number[];
  readonly missing: readonly number[];
}

/**
 * A binary tree by places: at an inner node the number of a feature and a threshold, below which the way goes to `yes` and else to `no`, both later places;
 * at a leaf the feature is −1 and the threshold is the value.
 */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly yes: readonly number[];
  readonly no: readonly number[];
}

type Node =
  | { readonly op: 'col'; readonly type: 'f64' | 'i64' | 'str'; readonly args: readonly []; readonly name: string; readonly column: ColumnType }
  | { readonly op: 'lit'; readonly type: 'f64'; readonly args: readonly []; readonly value: number }
  | { readonly op: 'lit'; readonly type: 'str'; readonly args: readonly []; readonly value: string }
  | { readonly op: Arithmetic; readonly type: 'f64'; readonly args: readonly [F64, F64] }
  | { readonly op: Comparison; readonly type: 'bool'; readonly args: readonly [F64, F64] }
  | { readonly op: 'eq'; readonly type: 'bool'; readonly args: readonly [F64, F64] | readonly [Str, Str] }
  | { readonly op: 'and' | 'or'; readonly type: 'bool'; readonly args: readonly [Bool, Bool] }
  | { readonly op: 'not'; readonly type: 'bool'; readonly args: readonly [Bool] }
  | { readonly op: 'isnull'; readonly type: 'bool'; readonly args: readonly [F64 | I64 | Str] }
  | { readonly op: 'when'; readonly type: 'f64'; readonly args: readonly [Bool, F64, F64] }
  | { readonly op: 'when'; readonly type: 'str'; readonly args: readonly [Bool, Str, Str] }
  | { readonly op: 'ln' | 'floor' | 'pow2' | 'sqrt'; readonly type: 'f64'; readonly args: readonly [F64] }
  | { readonly op: 'fmod' | 'iadd' | 'idiv'; readonly type: 'i64'; readonly args: readonly [I64]; readonly by: bigint }
  | { readonly op: 'i2d'; readonly type: 'f64'; readonly args: readonly [I64] }
  | { readonly op: 'concat'; readonly type: 'str'; readonly args: readonly [Str, Str] }
  | { readonly op: 'match'; readonly type: 'bool'; readonly args: readonly [Str]; readonly where: MatchPlace; readonly text: string }
  | { readonly op: 'recase'; readonly type: 'str'; readonly args: readonly [Str]; readonly to: LetterCase }
  | { readonly op: 'trim'; readonly type: 'str'; readonly args: readonly [Str] }
  | { readonly op: 'length'; readonly type: 'f64'; readonly args: readonly [Str] }
  | { readonly op: 'substring'; readonly type: 'str'; readonly args: readonly [Str]; readonly from: number; readonly count: number }
  | { readonly op: 'replace'; readonly type: 'str'; readonly args: readonly [Str]; readonly find: string; readonly by: string }
  | { readonly op: 'lookup'; readonly type: 'vec'; readonly args: readonly [Str]; readonly table: LookupTable }
  | { readonly op: 'dot'; readonly type: 'vec'; readonly args: readonly F64[]; readonly weights: readonly (readonly number[])[] }
  | { readonly op: 'pick'; readonly type: 'vec'; readonly args: readonly [F64]; readonly rows: readonly (readonly number[])[] }
  | { readonly op: 'forest'; readonly type: 'f64'; readonly args: readonly F64[]; readonly trees: readonly Tree[] }
  | { readonly op: 'elem'; readonly type: 'f64'; readonly args: readonly [Vec]; readonly index: number }
  | { readonly op: 'bucket'; readonly type: 'f64'; readonly args: readonly [F64]; readonly edges: readonly number[] }
  | { readonly op: 'f32'; readonly type: 'f32'; readonly args: readonly [F64] };

/** One operation of an expression graph; equal operations are one node, so ids tell nodes apart. */
export type Expr = Node & { readonly id: number };
export type Op = Expr['op'];
export type F64 = Expr & { readonly type: 'f64' };
export type I64 = Expr & { readonly type: 'i64' };
export type Str = Expr & { readonly type: 'str' };
export type Bool = Expr & { readonly type: 'bool' };
export type Vec = Expr & { readonly type: 'vec' };
export type F32 = Expr & { readonly type: 'f32' };

/** How the values of a column travel: numbers and flags as doubles, integers and times (microseconds) as 64-bit integers. */
export const VALUE_OF: Readonly<Record<ColumnType, ColumnValue>> = { BOOL: 'f64', FLOAT64: 'f64', INT64: 'i64', TIMESTAMP: 'i64', STRING: 'str' };

/** How many elements a vec has. */
export const width = (vec: Vec): number => (vec.op === 'lookup' ? vec.table.missing.length : vec.op === 'dot' ? (vec.weights[0]?.length ?? 0) : vec.op === 'pick' ? (vec.rows[0]?.length ?? 0) : 0);

/** Every node that the given ones need, arguments first. */
export function reachable(roots: readonly Expr[]): readonly Expr[] {
  const seen = new Set<Expr>();
  const visit = (node: Expr): void => {
    if (seen.has(node)) return;
    for (const arg of node.args) visit(arg);
    seen.add(node);
  };
  roots.forEach(visit);
  return [...seen];
}

/**
 * Whether a value may be −0. Columns, literals and choices never are: ONNX Runtime's Where loses the sign of zero,
 * so every rendering gives 0 there.
 */
export function mayBeNegativeZero(node: Expr): boolean {
  switch (node.op) {
    case 'add':
      return node.args.every(mayBeNegativeZero);
    case 'sub':
    case 'floor':
    case 'sqrt':
      return mayBeNegativeZero(node.args[0]);
    case 'mul':
    case 'div':
    case 'ln':
      return true;
    case 'elem':
      return node.args[0].op === 'dot';
    default:
      return false;
  }
}

/** A node that a table can hold, with its name. */
export interface Named {
  readonly name: string;
  readonly node: F64 | I64 | Str;
}
