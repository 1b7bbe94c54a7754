import { wasm, type WasmFunction, wasmModule } from './wasm-bytes.js';

/** Rows that are copied together before they are added: short code, so that many cache misses overlap. */
export const GATHER_ROWS = 1024;

/** Where each feature's bins begin in a histogram, in bytes, and how many bytes a row of bins has. */
export interface HistogramShape {
  readonly offsets: readonly number[];
  readonly stride: number;
}

/**
 * Emits the two histogram kernels, unrolled for the features, with each feature's place as an immediate offset:
 * addRows(bins, packed, n, hist) for consecutive rows, addPairs(bins, pairs, n, hist, buffer) for scattered ones.
 */
export const histogramWasm = (shape: HistogramShape): Uint8Array<ArrayBuffer> => wasmModule([addRows(shape), addPairs(shape)]);

const { get, set, i32, i64 } = wasm;
const BINS = 0;
const SOURCE = 1;
const COUNT = 2;
const HIST = 3;

function addRows({ offsets, stride }: HistogramShape): WasmFunction {
  const locals = { place: 4, word: 5, row: 6, end: 7, entry: 8 };
  const body = [
    ...[...get(SOURCE), ...get(COUNT), ...i32(2), ...wasm.shl, ...wasm.add, ...set(locals.end)],
    ...[...get(BINS), ...set(locals.row)],
    ...whileBelow(SOURCE, locals.end, [...readEntry(0, locals), ...addRow(offsets, locals), ...step(locals.row, stride), ...step(SOURCE, 4)]),
  ];
  return { name: 'addRows', params: 4, i32Locals: 4, i64Locals: 1, body };
}

function addPairs({ offsets, stride }: HistogramShape): WasmFunction {
  const buffer = 4;
  const locals = { place: 5, word: 6, row: 7, end: 8, blockEnd: 9, read: 10, write: 11, entry: 12 };
  const copy = [
    ...[...get(BINS), ...get(locals.read), ...wasm.load32(0), ...i32(stride), ...wasm.mul, ...wasm.add, ...set(locals.row)],
    ...copyRow(stride, locals.row, locals.write),
    ...step(locals.write, stride),
    ...step(locals.read, 8),
  ];
  const add = [...readEntry(4, locals), ...addRow(offsets, locals), ...step(locals.row, stride), ...step(SOURCE, 8)];
  const block = [
    ...[...get(SOURCE), ...i32(GATHER_ROWS * 8), ...wasm.add, ...set(locals.blockEnd)],
    ...[...get(locals.blockEnd), ...get(locals.end), ...wasm.gtU, ...wasm.if, ...get(locals.end), ...set(locals.blockEnd), ...wasm.end],
    ...[...get(buffer), ...set(locals.write), ...get(SOURCE), ...set(locals.read)],
    ...whileBelow(locals.read, locals.blockEnd, copy),
    ...[...get(buffer), ...set(locals.row)],
    ...whileBelow(SOURCE, locals.blockEnd, add),
  ];
  const body = [...get(SOURCE), ...get(COUNT), ...i32(3), ...wasm.shl, ...wasm.add, ...set(locals.end), ...whileBelow(SOURCE, locals.end, block)];
  return { name: 'addPairs', params: 5, i32Locals: 7, i64Locals: 1, body };
}

/** entry = gradient << 32 | hessian, out of int16 gradient << 16 | uint16 hessian. */
function readEntry(offset: number, { word, entry }: { word: number; entry: number }): number[] {
  return [
    ...[...get(SOURCE), ...wasm.load32(offset), ...set(word)],
    ...[...get(word), ...i32(16), ...wasm.shrS, ...wasm.extendS, ...i64(32), ...wasm.shl64],
    ...[...get(word), ...i32(0xffff), ...wasm.and, ...wasm.extendU, ...wasm.or64, ...set(entry)],
  ];
}

/** For each feature: hist[offset + 8 * bin] += entry. */
function addRow(offsets: readonly number[], { row, place, entry }: { row: number; place: number; entry: number }): number[] {
  return offsets.flatMap((offset, feature) => [
    ...[...get(HIST), ...get(row), ...wasm.loadU8(feature), ...i32(3), ...wasm.shl, ...wasm.add, ...set(place)],
    ...[...get(place), ...get(place), ...wasm.load64(offset), ...get(entry), ...wasm.add64, ...wasm.store64(offset)],
  ]);
}

/** Copies `stride` bytes (a multiple of 4) in the widest moves that fit. */
function copyRow(stride: number, from: number, to: number): number[] {
  const bytes: number[] = [];
  let at = 0;
  for (; at + 16 <= stride; at += 16) bytes.push(...get(to), ...get(from), ...wasm.load128(at), ...wasm.store128(at));
  for (; at + 8 <= stride; at += 8) bytes.push(...get(to), ...get(from), ...wasm.load64(at), ...wasm.store64(at));
  for (; at < stride; at += 4) bytes.push(...get(to), ...get(from), ...wasm.load32(at), ...wasm.store32(at));
  return bytes;
}

const step = (local: number, by: number): number[] => [...get(local), ...i32(by), ...wasm.add, ...set(local)];

/** while (local < end) body, unsigned. */
const whileBelow = (local: number, end: number, body: readonly number[]): number[] => [
  ...[...wasm.block, ...wasm.loop, ...get(local), ...get(end), ...wasm.geU, ...wasm.brIf(1)],
  ...body,
  ...[...wasm.br(0), ...wasm.end, ...wasm.end],
];
