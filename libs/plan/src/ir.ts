import { canonicalJson, type ColumnType } from '@millrace/core';
import { errors } from './errors.js';
import { type Arithmetic, type Bool, type Comparison, type Expr, type F32, type F64, type I64, type LetterCase, type LookupTable, type MatchPlace, type Op, type Str, type Tree, VALUE_OF, type Vec } from './expression.js';

type Parts = { readonly op: Op; readonly type: Expr['type']; readonly args: readonly Expr[] } & Readonly<Record<string, unknown>>;

/** Builds expression graphs. Equal operations are made once, so graphs stay small and comparing nodes is comparing references. */
export class Ir {
  private readonly made = new Map<string, Expr>();

  /** A column of the input; −0 arrives as 0. */
  col(name: string, column: ColumnType): F64 | I64 | Str {
    return this.make({ op: 'col', type: VALUE_OF[column], args: [], name, column });
  }

  lit(value: number): F64 {
    return this.make({ op: 'lit', type: 'f64', args: [], value: value + 0 });
  }

  text(value: string): Str {
    return this.make({ op: 'lit', type: 'str', args: [], value });
  }

  add = this.arithmetic('add');
  sub = this.arithmetic('sub');
  mul = this.arithmetic('mul');
  div = this.arithmetic('div');
  lt = this.comparison('lt');
  le = this.comparison('le');
  gt = this.comparison('gt');
  ge = this.comparison('ge');

  /** Equal numbers or texts; missing equals nothing. */
  eq(a: F64, b: F64): Bool;
  eq(a: Str, b: Str): Bool;
  eq(a: F64 | Str, b: F64 | Str): Bool {
    return this.make({ op: 'eq', type: 'bool', args: [a, b] });
  }

  and(a: Bool, b: Bool): Bool {
    return this.make({ op: 'and', type: 'bool', args: [a, b] });
  }

  or(a: Bool, b: Bool): Bool {
    return this.make({ op: 'or', type: 'bool', args: [a, b] });
  }

  not(a: Bool): Bool {
    return this.make({ op: 'not', type: 'bool', args: [a] });
  }

  isnull(a: F64 | I64 | Str): Bool {
    return this.make({ op: 'isnull', type: 'bool', args: [a] });
  }

  /** a where the condition holds, else b; −0 becomes 0. */
  when(condition: Bool, a: F64, b: F64): F64;
  when(condition: Bool, a: Str, b: Str): Str;
  when(condition: Bool, a: F64 | Str, b: F64 | Str): F64 | Str {
    return this.make({ op: 'when', type: a.type, args: [condition, a, b] });
  }

  /** 1 where the condition holds, else 0. */
  flag(condition: Bool): F64 {
    return this.when(condition, this.lit(1), this.lit(0));
  }

  /** The engine's own logarithm, missing where a is not positive: its last bit differs between engines. Kinds use exactLn. */
  ln(a: F64): F64 {
    return this.make({ op: 'ln', type: 'f64', args: [a] });
  }

  floor(a: F64): F64 {
    return this.make({ op: 'floor', type: 'f64', args: [a] });
  }

  /** The square root, which IEEE 754 rounds exactly; missing where a is negative. */
  sqrt(a: F64): F64 {
    return this.make({ op: 'sqrt', type: 'f64', args: [a] });
  }

  /** 2 to the power of a whole number, exactly; the exponent is held within −1074 and 1023. */
  pow2(a: F64): F64 {
    if (a.op !== 'floor') throw errors.EXPRESSION_INVALID({ op: 'pow2', given: a.op, expected: 'floor of a number' });
    return this.make({ op: 'pow2', type: 'f64', args: [a] });
  }

  /** The remainder that is never negative. */
  fmod(a: I64, by: bigint): I64 {
    if (by <= 0n || by >= MAX_MODULUS) throw errors.EXPRESSION_INVALID({ op: 'fmod', given: String(by), expected: `a modulus from 1 to ${MAX_MODULUS - 1n}` });
    return this.make({ op: 'fmod', type: 'i64', args: [a], by });
  }

  /** Adds to an integer that fmod has bounded, so that no engine overflows. */
  iadd(a: I64, by: bigint): I64 {
    const range = bounds(a);
    if (!range || range.high + by >= MAX_MODULUS || range.low + by <= -MAX_MODULUS) throw errors.EXPRESSION_INVALID({ op: 'iadd', given: a.op, expected: 'an integer bounded by fmod' });
    return this.make({ op: 'iadd', type: 'i64', args: [a], by });
  }

  /** Divides a bounded integer that is not negative, rounding down. */
  idiv(a: I64, by: bigint): I64 {
    const range = bounds(a);
    if (!range || range.low < 0n || by <= 0n) throw errors.EXPRESSION_INVALID({ op: 'idiv', given: a.op, expected: 'a non-negative integer bounded by fmod, and a positive divisor' });
    return this.make({ op: 'idiv', type: 'i64', args: [a], by });
  }

  /** The nearest double. */
  i2d(a: I64): F64 {
    return this.make({ op: 'i2d', type: 'f64', args: [a] });
  }

  /** a and b in one text; missing where one of them is. */
  concat(a: Str, b: Str): Str {
    return this.make({ op: 'concat', type: 'str', args: [a, b] });
  }

  /** Whether a holds the text in that place; false where a is missing. */
  match(a: Str, where: MatchPlace, text: string): Bool {
    checkText('match', text);
    return this.make({ op: 'match', type: 'bool', args: [a], where, text });
  }

  /** a with its letters from A to Z as small or as capital ones; other letters stay. */
  recase(a: Str, to: LetterCase): Str {
    return this.make({ op: 'recase', type: 'str', args: [a], to });
  }

  /** a without spaces, tabs and ends of lines (U+0009 to U+000D and U+0020) at both ends. */
  trim(a: Str): Str {
    return this.make({ op: 'trim', type: 'str', args: [a] });
  }

  /** How many code points a has, at most MAX_LENGTH. */
  length(a: Str): F64 {
    return this.make({ op: 'length', type: 'f64', args: [a] });
  }

  /** So many code points of a, or as many as there are, from a place that counts from 1. */
  substring(a: Str, from: number, count: number): Str {
    const whole = [from, count].every((value) => Number.isInteger(value) && value >= 1);
    if (!whole || count > MAX_SUBSTRING || from > MAX_SUBSTRING_FROM) throw errors.EXPRESSION_INVALID({ op: 'substring', given: `${from} and ${count}`, expected: `whole numbers from 1 to ${MAX_SUBSTRING_FROM} and from 1 to ${MAX_SUBSTRING}` });
    return this.make({ op: 'substring', type: 'str', args: [a], from, count });
  }

  /** a with another text in place of each occurrence of one, from left to right; missing where there are more than MAX_REPLACED. */
  replace(a: Str, find: string, by: string): Str {
    checkText('replace', find + by);
    if (find === '') throw errors.EXPRESSION_INVALID({ op: 'replace', given: 'an empty text to find', expected: 'a text of at least one character' });
    return this.make({ op: 'replace', type: 'str', args: [a], find, by });
  }

  /** The row of a text in a table, an element at a time. */
  lookup(a: Str, table: LookupTable): readonly F64[] {
    const rows = table.rows.map((row) => row.map((value) => value + 0));
    const finite = rows.every((row) => row.length === table.missing.length && row.every(Number.isFinite));
    if (!finite || table.unseen.length !== table.missing.length || rows.length !== table.keys.length || new Set(table.keys).size !== table.keys.length)
      throw errors.EXPRESSION_INVALID({ op: 'lookup', given: `${table.keys.length} keys and ${rows.length} rows`, expected: 'different keys, each with a row of finite numbers as wide as the others' });
    return this.elements(this.make({ op: 'lookup', type: 'vec', args: [a], table: { keys: table.keys, rows, unseen: table.unseen.map((value) => value + 0), missing: table.missing.map((value) => value + 0) } }), table.missing.length);
  }

  /** Σ xs[i]·weights[i][k] for each k, summed from left to right, so that every engine rounds alike. */
  dot(xs: readonly F64[], weights: readonly (readonly number[])[]): readonly F64[] {
    const size = weights[0]?.length ?? 0;
    if (size === 0 || weights.length !== xs.length || weights.some((row) => row.length !== size || !row.every(Number.isFinite)))
      throw errors.EXPRESSION_INVALID({ op: 'dot', given: `${xs.length} numbers and ${weights.length} rows of weights`, expected: 'a row of finite weights for each number' });
    return this.elements(this.make({ op: 'dot', type: 'vec', args: xs, weights: weights.map((row) => row.map((value) => value + 0)) }), size);
  }

  /**
   * The sum of the leaves that xs reach in each tree; a missing x is not below any threshold. Leaves are multiples of FOREST_STEP of which no sum
   * needs more than 24 bits, so that it is exact in float32 and in any order: ONNX Runtime adds leaves in float32.
   */
  forest(xs: readonly F64[], trees: readonly Tree[]): F64 {
    const most = trees.reduce((sum, { feature, threshold }) => sum + feature.reduce((high, each, i) => (each < 0 ? Math.max(high, Math.abs(threshold[i] ?? 0)) : high), 0), 0);
    if (xs.length === 0 || trees.length === 0 || !trees.every((tree) => isTree(tree, xs.length)) || most >= FOREST_STEP * 2 ** 24)
      throw errors.EXPRESSION_INVALID({ op: 'forest', given: `${trees.length} trees over ${xs.length} numbers with leaves up to ${most} in all`, expected: `trees whose leaves are multiples of ${FOREST_STEP} and add up to less than ${FOREST_STEP * 2 ** 24}` });
    return this.make({ op: 'forest', type: 'f64', args: xs, trees: trees.map((tree) => ({ ...tree, threshold: tree.threshold.map((value) => value + 0) })) });
  }

  /** How many of the ascending edges a has reached. */
  bucket(a: F64, edges: readonly number[]): F64 {
    if (!edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] ?? edge))))
      throw errors.EXPRESSION_INVALID({ op: 'bucket', given: edges.join(', '), expected: 'finite edges, each above the one before' });
    return this.make({ op: 'bucket', type: 'f64', args: [a], edges: edges.map((edge) => edge + 0) });
  }

  /** The row that stands at the place of a bucket, an element at a time; missing where the bucket is. */
  pick(bucket: F64, rows: readonly (readonly number[])[]): readonly F64[] {
    const size = rows[0]?.length ?? 0;
    if (bucket.op !== 'bucket' || rows.length !== bucket.edges.length + 1 || size === 0 || rows.some((row) => row.length !== size || !row.every(Number.isFinite)))
      throw errors.EXPRESSION_INVALID({ op: 'pick', given: `${rows.length} rows for ${bucket.op}`, expected: 'a bucket, and a row of finite numbers for each of its places' });
    return this.elements(this.make({ op: 'pick', type: 'vec', args: [bucket], rows: rows.map((row) => row.map((value) => value + 0)) }), size);
  }

  /** The nearest float32, ±Infinity beyond its range: how every feature leaves. */
  f32(a: F64): F32 {
    return this.make({ op: 'f32', type: 'f32', args: [a] });
  }

  private elements(vec: Vec, size: number): readonly F64[] {
    return Array.from({ length: size }, (_, index) => this.make<F64>({ op: 'elem', type: 'f64', args: [vec], index }));
  }

  private arithmetic(op: Arithmetic) {
    return (a: F64, b: F64): F64 => this.make({ op, type: 'f64', args: [a, b] });
  }

  private comparison(op: Comparison) {
    return (a: F64, b: F64): Bool => this.make({ op, type: 'bool', args: [a, b] });
  }

  private make<T extends Expr>(parts: Parts): T {
    const { args, ...rest } = parts;
    const key = `${args.map(({ id }) => id).join()}|${canonicalJson(rest)}`;
    // The builder's methods are typed; here all operations are alike.
    const there = this.made.get(key) as T | undefined;
    if (there) return there;
    const node = { ...parts, id: this.made.size } as unknown as T;
    this.made.set(key, node);
    return node;
  }
}

const MAX_MODULUS = 1n << 61n;
/** What the leaves of a forest are multiples of. */
export const FOREST_STEP = 2 ** -12;

function isTree({ feature, threshold, yes, no }: Tree, width: number): boolean {
  const later = (place: number | undefined, i: number) => place !== undefined && place > i && place < feature.length;
  return feature.length > 0 && feature.length === threshold.length && feature.every((each, i) => (each < 0 ? Number.isInteger((threshold[i] ?? Number.NaN) / FOREST_STEP) : Number.isInteger(each) && each < width && Number.isFinite(threshold[i]) && later(yes[i], i) && later(no[i], i)));
}
// ONNX holds parts of texts for all rows of a batch as many times as the row with the most has them: one long text must not fill the memory.
/** Up to where code points are counted; regular expressions count them. */
export const MAX_LENGTH = 512;
/** Most code points that a substring has. */
export const MAX_SUBSTRING = 64;
/** Where a substring begins at the latest. */
export const MAX_SUBSTRING_FROM = 256;
/** Most occurrences that are replaced in a text. */
export const MAX_REPLACED = 100;

function checkText(op: Op, text: string): void {
  if (!text.isWellFormed() || text.includes('\u0000')) throw errors.EXPRESSION_INVALID({ op, given: JSON.stringify(text), expected: 'a text without U+0000 and halves of surrogate pairs' });
}

/** What is known of an integer's range. */
function bounds(node: I64): { readonly low: bigint; readonly high: bigint } | undefined {
  if (node.op === 'fmod') return { low: 0n, high: node.by - 1n };
  if (node.op !== 'iadd' && node.op !== 'idiv') return undefined;
  const range = bounds(node.args[0]);
  if (!range) return undefined;
  return node.op === 'iadd' ? { low: range.low + node.by, high: range.high + node.by } : { low: range.low / node.by, high: range.high / node.by };
}
