import { errors } from './errors.js';

/** Element types with their numbers in TensorProto.DataType. */
export const DATA_TYPES = { float: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const;
export type TensorType = keyof typeof DATA_TYPES;

/** A constant: numbers as little-endian raw bytes, so that every bit (−0, NaN, subnormals) arrives; strings as they are. */
export type Tensor =
  | { readonly type: Exclude<TensorType, 'string'>; readonly dims: readonly number[]; readonly data: Uint8Array }
  | { readonly type: 'string'; readonly dims: readonly number[]; readonly data: readonly string[] };

type Dims = readonly number[];

/** Makes tensors; dims default to one axis, and a shape that does not fit the values is refused. */
export const tensor = {
  float: (values: ArrayLike<number>, dims: Dims = [values.length]) => numeric('float', Float32Array.from(values), dims),
  double: (values: ArrayLike<number>, dims: Dims = [values.length]) => numeric('double', Float64Array.from(values), dims),
  int32: (values: ArrayLike<number>, dims: Dims = [values.length]) => numeric('int32', Int32Array.from(values), dims),
  int64: (values: ArrayLike<number | bigint>, dims: Dims = [values.length]) =>
    numeric('int64', BigInt64Array.from(Array.from(values, BigInt)), dims),
  uint8: (values: ArrayLike<number>, dims: Dims = [values.length]) => numeric('uint8', Uint8Array.from(values), dims),
  bool: (values: ArrayLike<boolean>, dims: Dims = [values.length]) => numeric('bool', Uint8Array.from(Array.from(values, Number)), dims),
  string: (values: readonly string[], dims: Dims = [values.length]): Tensor => {
    checkShape('string', values.length, dims);
    values.forEach(checkText);
    return { type: 'string', dims, data: values };
  },
};

/** A text that says everything about a tensor: equal texts, equal tensors. */
export function tensorKey({ type, dims, data }: Tensor): string {
  const content = data instanceof Uint8Array ? new TextDecoder('latin1').decode(data) : JSON.stringify(data);
  return `${type}[${dims.join()}]${content}`;
}

/** Refuses text that does not survive the way into ONNX Runtime (C strings in UTF-8). */
export function checkText(text: string): string {
  if (text.includes('\u0000') || !text.isWellFormed()) throw errors.ONNX_STRING_INVALID({ value: JSON.stringify(text) });
  return text;
}

type Numbers = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

function numeric(type: Exclude<TensorType, 'string'>, values: Numbers, dims: Dims): Tensor {
  checkShape(type, values.length, dims);
  return { type, dims, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function checkShape(type: TensorType, values: number, dims: Dims): void {
  const expected = dims.reduce((product, size) => product * size, 1);
  if (expected !== values) throw errors.ONNX_TENSOR_SHAPE({ type, dims: dims.join(', '), values: String(values), expected: String(expected) });
}
