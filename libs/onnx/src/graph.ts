import { type Attributes, attributesKey } from './attribute.js';
import { errors } from './errors.js';
import { encodeGraph, encodeModel, type GraphNode, type Port } from './model-bytes.js';
import { type Tensor, tensorKey, type TensorType } from './tensor.js';

/** The name of a value in a graph. */
export type Value = string;

/** A size, or the name of a size that is only known when the graph runs, such as 'N'. */
export type Dim = number | string;

/** Versions of the standard that a model declares. The defaults run in ONNX Runtime from 1.20 on. */
export interface ModelVersions {
  readonly opset?: number;
  /** ai.onnx.ml: 3 has tree ensembles with float sums, 5 those that stay in double. */
  readonly ml?: number;
  readonly ir?: number;
}

/**
 * A graph under construction. Equal constants and equal nodes are made once, and what no output needs is left out,
 * so the same calls always give the same bytes.
 */
export class OnnxGraph {
  private readonly inputs: Port[] = [];
  private readonly outputs: (Port & { readonly from: Value })[] = [];
  private readonly constants = new Map<Value, Tensor>();
  private readonly nodes: GraphNode[] = [];
  private readonly known = new Set<Value>();
  private readonly made = new Map<string, readonly Value[]>();
  private readonly properties = new Map<string, string>();
  private next = 0;

  /** The prefix stands before the names of its values: a body shares none with the graph around it. */
  constructor(private readonly name = 'millrace', private readonly prefix = '') {}

  /** Declares an input and gives its value. */
  input(name: string, type: TensorType, dims: readonly Dim[]): Value {
    this.claim(name);
    this.inputs.push({ name, type, dims });
    return name;
  }

  /** Declares an output that shows a value; one value may be shown under several names. */
  output(name: string, type: TensorType, dims: readonly Dim[], from: Value): void {
    if (!this.known.has(from)) throw errors.ONNX_VALUE_UNKNOWN({ operator: `output "${name}"`, name: from });
    this.claim(name);
    this.outputs.push({ name, type, dims, from });
  }

  /** A constant; an equal one, bit for bit, is shared. */
  constant(value: Tensor): Value {
    const key = `constant ${tensorKey(value)}`;
    const there = this.made.get(key)?.[0];
    if (there !== undefined) return there;
    const name = this.fresh('c');
    this.constants.set(name, value);
    this.made.set(key, [name]);
    return name;
  }

  /** A node of the ai.onnx domain with one output. An optional input that is left out is ''. */
  op(operator: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return first(this.node('', operator, inputs, { attributes, outputs: 1 }));
  }

  /** A node of the ai.onnx domain with several outputs. */
  ops(operator: string, inputs: readonly Value[], options: { readonly attributes?: Attributes; readonly outputs: number }): readonly Value[] {
    return this.node('', operator, inputs, { attributes: {}, ...options });
  }

  /** A node of the ai.onnx.ml domain with one output. */
  ml(operator: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return first(this.node('ai.onnx.ml', operator, inputs, { attributes, outputs: 1 }));
  }

  /** A node of the com.microsoft domain with one output: only ONNX Runtime knows it. */
  microsoft(operator: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return first(this.node('com.microsoft', operator, inputs, { attributes, outputs: 1 }));
  }

  /** Sets a text of metadata_props. */
  property(key: string, value: string): void {
    this.properties.set(key, value);
  }

  /** How many nodes the bytes will hold. */
  get size(): number {
    return this.needed().nodes.length;
  }

  /** The model: opset 21, ai.onnx.ml 3, IR 10 unless told otherwise; equal graphs give equal bytes. */
  bytes(versions: ModelVersions = {}): Uint8Array {
    const { nodes, constants } = this.needed();
    const properties = [...this.properties].sort(([a], [b]) => (a < b ? -1 : 1));
    return encodeModel({ name: this.name, inputs: this.inputs, outputs: this.outputs, constants, nodes, properties }, { opset: 21, ml: 3, ir: 10, ...versions });
  }

  /** The graph as the body of a node such as Loop; it sees only its inputs and constants. */
  body(): Uint8Array<ArrayBuffer> {
    return encodeGraph({ name: this.name, inputs: this.inputs, outputs: this.outputs, ...this.needed() });
  }

  private node(domain: string, operator: string, inputs: readonly Value[], { attributes, outputs }: { attributes: Attributes; outputs: number }) {
    for (const name of inputs) if (name !== '' && !this.known.has(name)) throw errors.ONNX_VALUE_UNKNOWN({ operator, name });
    const key = `${domain}:${operator}(${JSON.stringify(inputs)})${outputs}\n${attributesKey(attributes)}`;
    const there = this.made.get(key);
    if (there) return there;
    const names = Array.from({ length: outputs }, () => this.fresh('t'));
    this.nodes.push({ domain, operator, inputs, outputs: names, attributes });
    this.made.set(key, names);
    return names;
  }

  /** Nodes and constants that an output needs, with outputs under their public names. */
  private needed() {
    const used = new Set(this.outputs.map(({ from }) => from));
    const kept: GraphNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((name) => used.has(name))) continue;
      kept.push(node);
      for (const name of node.inputs) used.add(name);
    }
    // A node writes straight to an output's name; only inputs, constants and second names need a copy.
    const made = new Set(kept.flatMap(({ outputs }) => outputs));
    const renamed = new Map<Value, string>();
    const copies: GraphNode[] = [];
    for (const { name, from } of this.outputs) {
      if (made.has(from) && !renamed.has(from)) renamed.set(from, name);
      else copies.push({ domain: '', operator: 'Identity', inputs: [renamed.get(from) ?? from], outputs: [name], attributes: {} });
    }
    const rename = (name: Value) => renamed.get(name) ?? name;
    const nodes = kept.toReversed().map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }));
    return { nodes: [...nodes, ...copies], constants: [...this.constants].filter(([name]) => used.has(name)) };
  }

  private fresh(prefix: string): Value {
    let name: string;
    do name = this.prefix + prefix + this.next++;
    while (this.known.has(name));
    this.known.add(name);
    return name;
  }

  private claim(name: string): void {
    if (this.known.has(name) || this.outputs.some((output) => output.name === name)) throw errors.ONNX_NAME_TAKEN({ name });
    this.known.add(name);
  }
}

const first = (values: readonly Value[]): Value => values[0] ?? '';
