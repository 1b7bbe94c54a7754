import { type Tensor, tensorKey } from './tensor.js';

/** One attribute of a node; the key says its type. `floats` are written as float32, as the standard has it: doubles travel as `tensor`. */
export type Attribute =
  | { readonly float: number }
  | { readonly int: number | bigint }
  | { readonly string: string }
  | { readonly tensor: Tensor }
  | { readonly floats: ArrayLike<number> }
  | { readonly ints: ArrayLike<number | bigint> }
  | { readonly strings: readonly string[] }
  /** What OnnxGraph.body gives. */
  | { readonly graph: Uint8Array<ArrayBuffer> };

export type Attributes = Readonly<Record<string, Attribute>>;

/** A text that says everything about attributes: equal texts, equal attributes. */
export function attributesKey(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${attributeKey(value)}`)
    .sort()
    .join('\n');
}

function attributeKey(value: Attribute): string {
  if ('tensor' in value) return `tensor ${tensorKey(value.tensor)}`;
  if ('float' in value) return `float ${number(value.float)}`;
  if ('int' in value) return `int ${value.int}`;
  if ('string' in value) return `string ${JSON.stringify(value.string)}`;
  if ('floats' in value) return `floats ${Array.from(value.floats, number).join()}`;
  if ('graph' in value) return `graph ${new TextDecoder('latin1').decode(value.graph)}`;
  if ('ints' in value) return `ints ${Array.from(value.ints, String).join()}`;
  return `strings ${JSON.stringify(value.strings)}`;
}

const number = (value: number) => (Object.is(value, -0) ? '-0' : String(value));
