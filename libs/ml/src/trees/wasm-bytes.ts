/** The few WebAssembly instructions that the histogram kernels are made of, as bytes. Stack machine: operands first. */
export const wasm = {
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  i32: (value: number) => [0x41, ...signed(value)],
  i64: (value: number) => [0x42, ...signed(value)],
  loadU8: (offset: number) => [0x2d, 0, ...unsigned(offset)],
  load32: (offset: number) => [0x28, 2, ...unsigned(offset)],
  load64: (offset: number) => [0x29, 3, ...unsigned(offset)],
  load128: (offset: number) => [0xfd, 0x00, 2, ...unsigned(offset)],
  store32: (offset: number) => [0x36, 2, ...unsigned(offset)],
  store64: (offset: number) => [0x37, 3, ...unsigned(offset)],
  store128: (offset: number) => [0xfd, 0x0b, 2, ...unsigned(offset)],
  add: [0x6a],
  mul: [0x6c],
  and: [0x71],
  shl: [0x74],
  shrS: [0x75],
  ltU: [0x49],
  geU: [0x4f],
  gtU: [0x4b],
  add64: [0x7c],
  or64: [0x84],
  shl64: [0x86],
  extendS: [0xac],
  extendU: [0xad],
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  end: [0x0b],
  br: (depth: number) => [0x0c, depth],
  brIf: (depth: number) => [0x0d, depth],
};

/** A function without result; parameters are i32 and come first among its locals. */
export interface WasmFunction {
  readonly name: string;
  readonly params: number;
  readonly i32Locals: number;
  readonly i64Locals: number;
  readonly body: readonly number[];
}

/** A module that exports the functions and works on the shared memory env.memory. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params }) => [0x60, ...vector(Array.from({ length: params }, () => [I32])), 0]);
  const memory = [...text('env'), ...text('memory'), 0x02, SHARED, ...unsigned(1), ...unsigned(MAX_PAGES)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(3, functions.map((_, i) => unsigned(i))),
    ...section(7, functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)])),
    ...section(10, functions.map(code)),
  ]);
}

const I32 = 0x7f;
const I64 = 0x7e;
const SHARED = 3;
const MAX_PAGES = 65_536;

function code({ i32Locals, i64Locals, body }: WasmFunction): number[] {
  const bytes = vector([[...unsigned(i32Locals), I32], [...unsigned(i64Locals), I64]]).concat(body, wasm.end);
  return unsigned(bytes.length).concat(bytes);
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const bytes = vector(items);
  return [id].concat(unsigned(bytes.length), bytes);
}

const vector = (items: readonly (readonly number[])[]): number[] => unsigned(items.length).concat(items.flat());

const text = (value: string): number[] => vector(Array.from(new TextEncoder().encode(value), (byte) => [byte]));

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const last = value >= -64 && value < 64;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
