import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attribute, Attributes } from './attribute.js';
import { checkText, DATA_TYPES, type Tensor, type TensorType } from './tensor.js';

/** An input or output of a graph. */
export interface Port {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly (number | string)[];
}

/** One operation of a graph. */
export interface GraphNode {
  readonly domain: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** All that goes into a graph. */
export interface GraphParts {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly constants: readonly (readonly [string, Tensor])[];
  readonly nodes: readonly GraphNode[];
}

/** All that goes into a model. */
export interface ModelParts extends GraphParts {
  readonly properties: readonly (readonly [string, string])[];
}

const PRODUCER = 'millrace';
const { LengthDelimited, Varint, Bit32 } = WireType;
type Write = (writer: BinaryWriter) => void;

/** Writes a ModelProto (onnx.proto3); field numbers are those of the standard. */
export function encodeModel(parts: ModelParts, versions: { readonly opset: number; readonly ml: number; readonly ir: number }): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  int(writer, 1, versions.ir);
  string(writer, 2, PRODUCER);
  message(writer, 7, (graph) => writeGraph(graph, parts));
  const domains = [['', versions.opset], ['ai.onnx.ml', versions.ml], ['com.microsoft', 1]] as const;
  // The third is no standard: a model names it only where it is used.
  for (const [domain, version] of domains.filter(([name]) => name !== 'com.microsoft' || parts.nodes.some((node) => node.domain === name)))
    message(writer, 8, (opset) => {
      if (domain !== '') string(opset, 1, domain);
      int(opset, 2, version);
    });
  for (const [key, value] of parts.properties)
    message(writer, 14, (entry) => {
      string(entry, 1, key);
      string(entry, 2, value);
    });
  return writer.finish();
}

/** Writes the GraphProto alone, as an attribute of a node holds it. */
export function encodeGraph(parts: GraphParts): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeGraph(writer, parts);
  return writer.finish();
}

function writeGraph(graph: BinaryWriter, { name, inputs, outputs, constants, nodes }: GraphParts): void {
  for (const node of nodes) message(graph, 1, (writer) => writeNode(writer, node));
  string(graph, 2, name);
  for (const [constant, value] of constants) message(graph, 5, (writer) => writeTensor(writer, value, constant));
  for (const port of inputs) message(graph, 11, (writer) => writePort(writer, port));
  for (const port of outputs) message(graph, 12, (writer) => writePort(writer, port));
}

function writeNode(writer: BinaryWriter, { domain, operator, inputs, outputs, attributes }: GraphNode): void {
  for (const name of inputs) string(writer, 1, name);
  for (const name of outputs) string(writer, 2, name);
  string(writer, 4, operator);
  for (const [name, value] of Object.entries(attributes)) message(writer, 5, (attribute) => writeAttribute(attribute, name, value));
  if (domain !== '') string(writer, 7, domain);
}

/** AttributeProto: 20 is the type, 2 to 5 are single values, 7 to 9 lists. */
function writeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  string(writer, 1, name);
  if ('float' in value) {
    writer.tag(2, Bit32).float(value.float);
    int(writer, 20, 1);
  } else if ('int' in value) {
    int(writer, 3, value.int);
    int(writer, 20, 2);
  } else if ('string' in value) {
    string(writer, 4, checkText(value.string));
    int(writer, 20, 3);
  } else if ('tensor' in value) {
    message(writer, 5, (inner) => writeTensor(inner, value.tensor, name));
    int(writer, 20, 4);
  } else if ('graph' in value) {
    writer.tag(6, LengthDelimited).bytes(value.graph);
    int(writer, 20, 5);
  } else if ('floats' in value) {
    for (const item of Array.from(value.floats)) writer.tag(7, Bit32).float(item);
    int(writer, 20, 6);
  } else if ('ints' in value) {
    for (const item of Array.from(value.ints)) int(writer, 8, item);
    int(writer, 20, 7);
  } else {
    for (const item of value.strings) string(writer, 9, checkText(item));
    int(writer, 20, 8);
  }
}

function writeTensor(writer: BinaryWriter, { type, dims, data }: Tensor, name: string): void {
  for (const size of dims) int(writer, 1, size);
  int(writer, 2, DATA_TYPES[type]);
  if (!(data instanceof Uint8Array)) for (const item of data) string(writer, 6, item);
  string(writer, 8, name);
  if (data instanceof Uint8Array) writer.tag(9, LengthDelimited).bytes(data);
}

function writePort(writer: BinaryWriter, { name, type, dims }: Port): void {
  string(writer, 1, name);
  message(writer, 2, (typeProto) =>
    message(typeProto, 1, (tensorType) => {
      int(tensorType, 1, DATA_TYPES[type]);
      message(tensorType, 2, (shape) => {
        for (const dim of dims) message(shape, 1, (size) => (typeof dim === 'string' ? string(size, 2, dim) : int(size, 1, dim)));
      });
    }),
  );
}

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, LengthDelimited).fork();
  write(writer);
  writer.join();
}

const string = (writer: BinaryWriter, field: number, text: string) => void writer.tag(field, LengthDelimited).string(text);
const int = (writer: BinaryWriter, field: number, value: number | bigint) => void writer.tag(field, Varint).int64(value);
