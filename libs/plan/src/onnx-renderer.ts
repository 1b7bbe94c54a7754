import { type OnnxGraph, tensor, type Value } from '@millrace/onnx';
import { type ColumnValue, type Expr, type F32, type F64, mayBeNegativeZero, type Str, type Vec, width } from './expression.js';
import { INT64_MISSING, type InputLayout, TEXT_MISSING } from './input-layout.js';
import { onnxForest } from './onnx-forest.js';
import { onnxBucket, onnxLookup, onnxPick, onnxPow2 } from './onnx-lookups.js';
import { onnxLength, onnxRecase, onnxReplace, onnxSubstring, onnxTrim } from './onnx-texts.js';
import { shapeGroups } from './shape-groups.js';

/** ONNX element types of what is packed. */
const PACKED = { f64: 'double', i64: 'int64', str: 'string' } as const;
const OPERATOR = { add: 'Add', sub: 'Sub', mul: 'Mul', div: 'Div', lt: 'Less', le: 'LessOrEqual', gt: 'Greater', ge: 'GreaterOrEqual', eq: 'Equal', and: 'And', or: 'Or' } as const;
const FLOAT = 1;
const DOUBLE = 11;
const COLUMNS = { axis: { int: 1 } } as const;

/**
 * Adds outputs to a graph as one tensor [N, k], float32 for features and double for numbers, and gives its name. The inputs are one packed matrix for each value type
 * ("f64", "i64", "str"), with missing cells as NaN, the smallest integer and U+FFFF. Outputs of equal shape are computed together as [N, m].
 */
export function renderOnnx(outputs: readonly F32[] | readonly F64[], layout: InputLayout, graph: OnnxGraph): Value {
  return new OnnxRenderer(layout, graph).features(outputs);
}

class OnnxRenderer {
  private readonly packed = new Map<ColumnValue, Value>();
  private readonly done = new Map<string, Value>();

  constructor(private readonly layout: InputLayout, private readonly graph: OnnxGraph) {
    for (const type of ['f64', 'i64', 'str'] as const) {
      const columns = layout[type].length;
      if (columns > 0) this.packed.set(type, graph.input(type, PACKED[type], ['N', columns]));
    }
    const numbers = this.packed.get('f64');
    if (numbers !== undefined) this.packed.set('f64', this.noNegativeZero(numbers));
  }

  features(outputs: readonly F32[] | readonly F64[]): Value {
    const numbers = outputs.map((output) => (output.type === 'f32' ? output.args[0] : output));
    const groups = shapeGroups(numbers);
    const parts = groups.map((group) => this.columns(group.map((i) => numbers[i]).filter((node) => node !== undefined)));
    const doubles = this.concat(parts);
    const joined = outputs[0]?.type === 'f32' ? this.graph.op('Cast', [doubles], { to: { int: FLOAT } }) : doubles;
    const order = groups.flat();
    const places = order.map((_, i) => order.indexOf(i));
    return places.every((place, i) => place === i) ? joined : this.graph.op('Gather', [joined, this.graph.constant(tensor.int64(places))], COLUMNS);
  }

  /** Nodes of equal shape as one [N, k], also where they are constant or the same. */
  private columns(nodes: readonly F64[]): Value {
    const whole = this.many(nodes);
    if (nodes.every(isConstant)) return this.repeated(whole, nodes.length);
    return nodes.length > 1 && nodes.every((node) => node === nodes[0]) ? this.concat(nodes.map(() => whole)) : whole;
  }

  /** Nodes as [N, k], or as anything that broadcasts to it. */
  private many(nodes: readonly Expr[]): Value {
    const same = nodes.every((node) => node === nodes[0]) ? nodes.slice(0, 1) : nodes;
    const key = same.map(({ id }) => id).join();
    const there = this.done.get(key);
    if (there !== undefined) return there;
    const value = this.render(same);
    this.done.set(key, value);
    return value;
  }

  private render(nodes: readonly Expr[]): Value {
    const { graph } = this;
    const [node] = nodes;
    if (!node || nodes.some(({ op, type }) => op !== node.op || type !== node.type)) return this.pieces(nodes);
    const arg = (position: number) => this.many(nodes.flatMap(({ args }) => args[position] ?? []));
    switch (node.op) {
      case 'col':
        return this.gather(node.type, nodes);
      case 'lit':
        return this.literals(nodes);
      case 'add':
      case 'sub':
        return graph.op(OPERATOR[node.op], [0, 1].map((position) => this.operand(nodes, position, 0)));
      case 'mul':
      case 'div':
        return graph.op(OPERATOR[node.op], [0, 1].map((position) => this.operand(nodes, position, 1)));
      case 'lt':
      case 'le':
      case 'gt':
      case 'ge':
      case 'and':
      case 'or':
        return graph.op(OPERATOR[node.op], [arg(0), arg(1)]);
      case 'eq':
        return this.equal(nodes, arg);
      case 'not':
        return graph.op('Not', [arg(0)]);
      case 'isnull':
        return this.isMissing(nodes.flatMap(({ args }) => args[0] ?? []));
      case 'when': {
        const choice = graph.op('Where', [arg(0), arg(1), arg(2)]);
        const signed = nodes.some(({ args: [, a, b] }) => (a && mayBeNegativeZero(a)) || (b && mayBeNegativeZero(b)));
        return node.type === 'f64' && signed ? this.noNegativeZero(choice) : choice;
      }
      case 'ln':
        return graph.op('Where', [graph.op('Greater', [arg(0), this.double(0)]), graph.op('Log', [arg(0)]), this.double(Number.NaN)]);
      case 'sqrt':
        return graph.op('Sqrt', [arg(0)]);
      case 'floor':
        return graph.op('Floor', [arg(0)]);
      case 'pow2':
        return onnxPow2(graph, arg(0));
      case 'fmod':
        return graph.op('Mod', [arg(0), this.moduli(nodes)]);
      case 'iadd':
        return graph.op('Add', [arg(0), this.moduli(nodes)]);
      case 'idiv':
        return graph.op('Div', [arg(0), this.moduli(nodes)]);
      case 'i2d':
        return graph.op('Where', [this.isMissing(nodes.flatMap(({ args }) => args[0] ?? [])), this.double(Number.NaN), graph.op('Cast', [arg(0)], { to: { int: DOUBLE } })]);
      case 'concat': {
        const operands = [0, 1].map((position) => nodes.flatMap(({ args }) => args[position] ?? []));
        const missing = operands.filter((side) => !side.every(isConstant)).map((side) => this.isMissing(side));
        const text = graph.op('StringConcat', [arg(0), arg(1)]);
        return missing.reduce((result, where) => graph.op('Where', [where, this.text(TEXT_MISSING), result]), text);
      }
      case 'match':
        return nodes.length === 1 ? this.match(node) : this.pieces(nodes);
      case 'recase':
      case 'trim':
      case 'length':
      case 'substring':
      case 'replace':
        return nodes.length === 1 ? this.ofText(node) : this.pieces(nodes);
      case 'elem':
        return this.elements(nodes);
      case 'bucket':
        return nodes.length === 1 ? onnxBucket(graph, this.many(node.args), node.edges) : this.pieces(nodes);
      case 'lookup':
        return onnxLookup(graph, this.many(node.args), node.table);
      case 'pick':
        return onnxPick(graph, this.many(node.args), node.rows);
      case 'dot':
        return this.dot(node);
      case 'forest':
        return nodes.length === 1 ? onnxForest(graph, this.pieces(node.args), node.trees) : this.pieces(nodes);
      case 'f32':
        return graph.op('Cast', [arg(0)], { to: { int: FLOAT } });
    }
  }

  /**
   * ONNX Runtime leaves out an operation whose constant is neutral when rounded to float32: x − 1e-50, or x × 1.00000001; and x + 0, which makes 0 of −0.
   * A constant that is repeated for each row is not taken for one.
   */
  private operand(nodes: readonly Expr[], position: number, neutral: 0 | 1): Value {
    const args = nodes.flatMap(({ args: each }) => each[position] ?? []);
    const [first] = args;
    if (first?.op !== 'lit' || !args.every((arg) => arg === first)) return this.many(args);
    const unsigns = first.value === 0 && nodes.some(({ op, args: each }) => op === 'add' && each.some(mayBeNegativeZero));
    return unsigns ? this.repeated(this.double(0), 1) : this.watched(Number(first.value), neutral);
  }

  private watched(value: number, neutral: 0 | 1): Value {
    const constant = this.double(value);
    return value !== neutral && Math.fround(value) === neutral ? this.repeated(constant, 1) : constant;
  }

  private concat(values: readonly Value[]): Value {
    return values.length === 1 ? (values[0] ?? '') : this.graph.op('Concat', values, COLUMNS);
  }

  private pieces(nodes: readonly Expr[]): Value {
    return this.concat(nodes.map((node) => (isConstant(node) ? this.repeated(this.many([node]), 1) : this.many([node]))));
  }

  /** A constant as many times as there are rows. */
  private repeated(value: Value, columns: number): Value {
    const [first = ''] = this.packed.values();
    const rows = this.graph.op('Shape', [first], { start: { int: 0 }, end: { int: 1 } });
    const dims = this.graph.op('Concat', [rows, this.graph.constant(tensor.int64([columns]))], { axis: { int: 0 } });
    return this.graph.op('Expand', [value, dims]);
  }

  private gather(type: ColumnValue, nodes: readonly Expr[]): Value {
    const names = this.layout[type].map(({ name }) => name);
    const places = nodes.map((node) => (node.op === 'col' ? names.indexOf(node.name) : -1));
    const block = this.packed.get(type) ?? '';
    if (places.length === names.length && places.every((place, i) => place === i)) return block;
    return this.graph.op('Gather', [block, this.graph.constant(tensor.int64(places))], COLUMNS);
  }

  private literals(nodes: readonly Expr[]): Value {
    const values = nodes.map((node) => (node.op === 'lit' ? node.value : 0));
    const dims = [1, values.length];
    const texts = values.filter((value) => typeof value === 'string');
    return this.graph.constant(texts.length > 0 ? tensor.string(texts, dims) : tensor.double(values.map(Number), dims));
  }

  private moduli(nodes: readonly Expr[]): Value {
    const values = nodes.map((node) => ('by' in node && typeof node.by === 'bigint' ? node.by : 0n));
    return this.graph.constant(values.every((value) => value === values[0]) ? tensor.int64(values.slice(0, 1), [1, 1]) : tensor.int64(values, [1, values.length]));
  }

  /** Missing text is a text of its own in the packed input, so two missing ones would be equal. */
  private equal(nodes: readonly Expr[], arg: (position: number) => Value): Value {
    const equal = this.graph.op('Equal', [arg(0), arg(1)]);
    const first = nodes.flatMap(({ args }) => args[0] ?? []);
    const constant = [0, 1].some((position) => nodes.every(({ args }) => args[position]?.op === 'lit'));
    if (first[0]?.type !== 'str' || constant) return equal;
    return this.graph.op('And', [equal, this.graph.op('Not', [this.isMissing(first)])]);
  }

  private isMissing(nodes: readonly Expr[]): Value {
    const [node] = nodes;
    if (node?.type === 'f64') return this.graph.op('IsNaN', [this.many(nodes)]);
    if (node?.type === 'str') return this.graph.op('Equal', [this.many(nodes), this.text(TEXT_MISSING)]);
    // Arithmetic on a missing integer gives some integer: only the column itself knows.
    return this.graph.op('Equal', [this.many(nodes.map(root)), this.graph.constant(tensor.int64([INT64_MISSING], [1, 1]))]);
  }

  /** All elements of a vector in their order are the vector itself; others are cut out of it. */
  private elements(nodes: readonly Expr[]): Value {
    const runs: { vec: Vec; indices: number[] }[] = [];
    for (const node of nodes) {
      if (node.op !== 'elem') continue;
      const last = runs.at(-1);
      if (last?.vec === node.args[0]) last.indices.push(node.index);
      else runs.push({ vec: node.args[0], indices: [node.index] });
    }
    return this.concat(
      runs.map(({ vec, indices }) => {
        const whole = isConstant(vec) && runs.length > 1 ? this.repeated(this.many([vec]), width(vec)) : this.many([vec]);
        const complete = indices.length === width(vec) && indices.every((index, i) => index === i);
        return complete ? whole : this.graph.op('Gather', [whole, this.graph.constant(tensor.int64(indices))], COLUMNS);
      }),
    );
  }

  /** A regular expression (RE2) of the escaped text; characters beyond ASCII mean themselves. */
  private match(node: Expr & { readonly op: 'match' }): Value {
    const { graph } = this;
    const escaped = node.text.replaceAll(/[\x01-\x7f]/g, (character) => (/[A-Za-z0-9_]/.test(character) ? character : `\\x{${character.charCodeAt(0).toString(16)}}`));
    const pattern = `(?s)${node.where === 'start' ? '' : '.*'}${escaped}${node.where === 'end' ? '' : '.*'}`;
    const found = graph.op('RegexFullMatch', [this.many(node.args)], { pattern: { string: pattern } });
    return graph.op('And', [found, graph.op('Not', [this.isMissing(node.args)])]);
  }

  private ofText(node: Expr & { readonly args: readonly [Str]; readonly op: 'recase' | 'trim' | 'length' | 'substring' | 'replace' }): Value {
    const { graph } = this;
    // What takes texts apart wants one for each row.
    const whole = isConstant(node) ? this.repeated(this.many(node.args), 1) : this.many(node.args);
    const made = () => {
      switch (node.op) {
        case 'recase':
          return onnxRecase(graph, whole, node.to);
        case 'trim':
          return onnxTrim(graph, whole);
        case 'length':
          return onnxLength(graph, whole);
        case 'substring':
          return onnxSubstring(graph, whole, node);
        case 'replace':
          return onnxReplace(graph, whole, node);
      }
    };
    return graph.op('Where', [this.isMissing(node.args), node.op === 'length' ? this.double(Number.NaN) : this.text(TEXT_MISSING), made()]);
  }

  /** Products of all numbers and components at once, then a sum over slices, which goes from left to right. */
  private dot(node: Expr & { readonly op: 'dot' }): Value {
    const { graph } = this;
    const size = node.args.length;
    const [[weight = 0, ...more] = []] = node.weights;
    // One product is no sum, and as a multiplication its constant is watched.
    if (size === 1 && more.length === 0) return graph.op('Mul', [this.many(node.args), this.watched(weight, 1)]);
    const weights = graph.constant(tensor.double(node.weights.flat(), [1, size, width(node)]));
    const products = graph.op('Mul', [graph.op('Unsqueeze', [this.many(node.args), graph.constant(tensor.int64([2]))]), weights]);
    const parts = size === 1 ? [products] : graph.ops('Split', [products], { attributes: { axis: { int: 1 }, num_outputs: { int: size } }, outputs: size });
    return graph.op('Squeeze', [graph.op('Sum', parts), graph.constant(tensor.int64([1]))]);
  }

  /** Sum and not Add: an Add of 0 is optimised away. */
  private noNegativeZero(value: Value): Value {
    return this.graph.op('Sum', [value, this.double(0)]);
  }

  private double(value: number): Value {
    return this.graph.constant(tensor.double([value], [1, 1]));
  }

  private text(value: string): Value {
    return this.graph.constant(tensor.string([value], [1, 1]));
  }
}

const root = (node: Expr): Expr => (node.op === 'col' ? node : node.args[0] ? root(node.args[0]) : node);
const isConstant = (node: Expr): boolean => (node.op === 'lit' || node.args.length > 0) && node.args.every(isConstant);

