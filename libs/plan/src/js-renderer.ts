import { type Expr, type F64, type MatchPlace, mayBeNegativeZero, reachable, type Str, type Tree } from './expression.js';
import { TEXT_MISSING } from './input-layout.js';
import { MAX_LENGTH, MAX_REPLACED } from './ir.js';

/** Values of one row by the name of their column: NaN and undefined are missing. */
export type RowReader = (name: string) => number | bigint | string | undefined;
/** One row in, one number for each output out. */
export type Evaluator = (read: RowReader) => Float64Array;

/** All values of one row, by node id. Flags are 0 and 1. */
interface Slots {
  readonly numbers: Float64Array;
  readonly integers: (bigint | undefined)[];
  readonly texts: (string | undefined)[];
  readonly vectors: (readonly number[])[];
}
type Run = (read: RowReader) => void;

/** Compiles outputs to a function over one row. It keeps its working memory, so it may not be called from within itself. */
export function renderJs(outputs: readonly Expr[]): Evaluator {
  const { run, slots } = programOf(outputs);
  return (read) => {
    run(read);
    return Float64Array.from(outputs, ({ id }) => slots.numbers[id] ?? Number.NaN);
  };
}

/** The same for numbers and texts: one value for each output, undefined where it is missing. */
export function renderJsCells(outputs: readonly (F64 | Str)[]): (read: RowReader) => readonly (number | string | undefined)[] {
  const { run, slots } = programOf(outputs);
  const number = (value = Number.NaN): number | undefined => (Number.isNaN(value) ? undefined : value);
  return (read) => {
    run(read);
    return outputs.map(({ id, type }) => (type === 'str' ? slots.texts[id] : number(slots.numbers[id])));
  };
}

function programOf(outputs: readonly Expr[]): { readonly run: Run; readonly slots: Slots } {
  const nodes = reachable(outputs);
  const slots: Slots = { numbers: new Float64Array(Math.max(0, ...nodes.map(({ id }) => id)) + 1), integers: [], texts: [], vectors: [] };
  const program = nodes.map((node) => compile(node, slots));
  return {
    slots,
    run: (read) => {
      for (const run of program) run(read);
    },
  };
}

/** 2^e for a whole e from −1074 to 1023. */
export function exactPow2(exponent: number): number {
  VIEW.setBigUint64(0, exponent < -1022 ? 1n << BigInt(exponent + 1074) : BigInt(exponent + 1023) << 52n);
  return VIEW.getFloat64(0);
}
const VIEW = new DataView(new ArrayBuffer(8));

function compile(node: Expr, { numbers, integers, texts, vectors }: Slots): Run {
  const { id } = node;
  const [a = 0, b = 0, c = 0] = node.args.map((arg) => arg.id);
  const number = (compute: () => number): Run => () => void (numbers[id] = compute());
  const flag = (compute: () => boolean): Run => () => void (numbers[id] = compute() ? 1 : 0);
  // What stands for missing in ONNX is missing in every rendering.
  const text = (change: (x: string) => string): Run => () => {
    const made = texts[a] === undefined ? TEXT_MISSING : change(texts[a]);
    texts[id] = made === TEXT_MISSING ? undefined : made;
  };
  const at = (slot: number) => numbers[slot] ?? Number.NaN;
  switch (node.op) {
    case 'col':
      return column(node, { numbers, integers, texts });
    case 'lit': {
      if (node.type === 'str') texts[id] = node.value;
      else numbers[id] = node.value;
      return () => undefined;
    }
    case 'add':
      return number(() => at(a) + at(b));
    case 'sub':
      return number(() => at(a) - at(b));
    case 'mul':
      return number(() => at(a) * at(b));
    case 'div':
      return number(() => at(a) / at(b));
    case 'lt':
      return flag(() => at(a) < at(b));
    case 'le':
      return flag(() => at(a) <= at(b));
    case 'gt':
      return flag(() => at(a) > at(b));
    case 'ge':
      return flag(() => at(a) >= at(b));
    case 'eq':
      return node.args[0].type === 'str' ? flag(() => texts[a] !== undefined && texts[a] === texts[b]) : flag(() => at(a) === at(b));
    case 'and':
      return flag(() => at(a) === 1 && at(b) === 1);
    case 'or':
      return flag(() => at(a) === 1 || at(b) === 1);
    case 'not':
      return flag(() => at(a) === 0);
    case 'isnull': {
      const { type } = node.args[0];
      if (type === 'f64') return flag(() => Number.isNaN(at(a)));
      return type === 'i64' ? flag(() => integers[a] === undefined) : flag(() => texts[a] === undefined);
    }
    case 'when': {
      if (node.type === 'str') return () => void (texts[id] = at(a) === 1 ? texts[b] : texts[c]);
      const plain = () => (at(a) === 1 ? at(b) : at(c));
      return number(mayBeNegativeZero(node.args[1]) || mayBeNegativeZero(node.args[2]) ? () => plain() + 0 : plain);
    }
    case 'ln':
      return number(() => (at(a) > 0 ? Math.log(at(a)) : Number.NaN));
    case 'sqrt':
      return number(() => Math.sqrt(at(a)));
    case 'floor':
      return number(() => Math.floor(at(a)));
    case 'pow2':
      return number(() => (Number.isNaN(at(a)) ? Number.NaN : exactPow2(Math.max(-1074, Math.min(1023, at(a))))));
    case 'fmod':
      return integer(integers, id, a, (x) => ((x % node.by) + node.by) % node.by);
    case 'iadd':
      return integer(integers, id, a, (x) => x + node.by);
    case 'idiv':
      return integer(integers, id, a, (x) => x / node.by);
    case 'i2d':
      return number(() => (integers[a] === undefined ? Number.NaN : Number(integers[a])));
    case 'concat':
      return () => void (texts[id] = texts[a] === undefined || texts[b] === undefined ? undefined : texts[a] + texts[b]);
    case 'match':
      return flag(() => texts[a] !== undefined && HOLDS[node.where](texts[a], node.text));
    case 'recase': {
      const [letters, change] = node.to === 'lower' ? [/[A-Z]+/g, (part: string) => part.toLowerCase()] : [/[a-z]+/g, (part: string) => part.toUpperCase()];
      return text((x) => x.replaceAll(letters, change));
    }
    case 'trim':
      return text((x) => x.replaceAll(/^[\t-\r ]+|[\t-\r ]+$/g, ''));
    case 'length':
      return number(() => (texts[a] === undefined ? Number.NaN : Math.min(MAX_LENGTH, [...texts[a]].length)));
    case 'substring':
      return text((x) => [...x].slice(node.from - 1, node.from - 1 + node.count).join(''));
    case 'replace':
      return text((x) => {
        const parts = x.split(node.find);
        return parts.length - 1 > MAX_REPLACED ? TEXT_MISSING : parts.join(node.by);
      });
    case 'lookup': {
      const { keys, rows, unseen, missing } = node.table;
      const found = new Map(keys.map((key, i) => [key, rows[i] ?? unseen]));
      return () => void (vectors[id] = texts[a] === undefined ? missing : (found.get(texts[a]) ?? unseen));
    }
    case 'dot': {
      const columns = (node.weights[0] ?? []).map((_, k) => node.weights.map((row) => row[k] ?? 0));
      return () => void (vectors[id] = columns.map((weights) => orderedDot(node.args, weights, numbers)));
    }
    case 'pick':
      // No row stands at NaN.
      return () => void (vectors[id] = node.rows[at(a)] ?? []);
    case 'forest':
      return number(() => node.trees.reduce((sum, tree) => sum + leafOf(tree, node.args, numbers), 0));
    case 'elem':
      return number(() => vectors[a]?.[node.index] ?? Number.NaN);
    case 'bucket':
      return number(() => (Number.isNaN(at(a)) ? Number.NaN : node.edges.reduce((reached, edge) => (at(a) >= edge ? reached + 1 : reached), 0)));
    case 'f32':
      return number(() => Math.fround(at(a)));
  }
}

const HOLDS: Readonly<Record<MatchPlace, (whole: string, part: string) => boolean>> = {
  start: (whole, part) => whole.startsWith(part),
  end: (whole, part) => whole.endsWith(part),
  anywhere: (whole, part) => whole.includes(part),
};

function column(node: Expr & { readonly op: 'col' }, { numbers, integers, texts }: Omit<Slots, 'vectors'>): Run {
  const { id, name } = node;
  if (node.type === 'f64') return (read) => void (numbers[id] = Number(read(name) ?? Number.NaN) + 0);
  if (node.type === 'i64') return (read) => void (integers[id] = read(name) as bigint | undefined);
  return (read) => void (texts[id] = read(name) as string | undefined);
}

const integer = (integers: (bigint | undefined)[], id: number, arg: number, compute: (x: bigint) => bigint): Run => () => {
  const x = integers[arg];
  integers[id] = x === undefined ? undefined : compute(x);
};

function leafOf({ feature, threshold, yes, no }: Tree, xs: readonly F64[], numbers: Float64Array): number {
  let place = 0;
  for (let at = feature[place] ?? -1; at >= 0; at = feature[place] ?? -1) place = ((numbers[xs[at]?.id ?? -1] ?? Number.NaN) < (threshold[place] ?? 0) ? yes[place] : no[place]) ?? 0;
  return threshold[place] ?? 0;
}

function orderedDot(xs: readonly F64[], weights: readonly number[], numbers: Float64Array): number {
  let sum = Number.NaN;
  for (let i = 0; i < xs.length; i++) {
    const product = (numbers[xs[i]?.id ?? -1] ?? Number.NaN) * (weights[i] ?? 0);
    sum = i === 0 ? product : sum + product;
  }
  return sum;
}
