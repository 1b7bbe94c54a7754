import { BARRIER_BYTES } from './barrier.js';
import { EDGE_PLACES } from './bin-edges.js';
import { errors } from './errors.js';
import type { GrowMemory } from './grow-memory.js';
import { GATHER_ROWS } from './histogram-wasm.js';
import type { Kernels } from './kernels.js';
import type { TreesParams } from './trees-params.js';

const PAGE = 65_536;
const MAX_BYTES = 65_535 * PAGE;
const MIB = 2 ** 20;

/** Rows of a block: threads take blocks in turns, and small columns cross fewer pages in large blocks. */
const MIN_BLOCK = 4_096;
const MAX_BLOCK = 16_384;

/** Bytes of a split that a thread found; two of them a thread, for the two children. */
export const RESULT_BYTES = 64;

/** Everything that each thread must know to grow its part; plain data, may be sent to workers. */
export interface GrowPlan {
  readonly rows: number;
  readonly k: number;
  readonly threads: number;
  readonly params: TreesParams;
  /** The margin that all rows start from, and the positives' share. */
  readonly base: number;
  readonly positives: number;
  /** Bins of each feature, the missing one last, and the byte where they begin in a histogram. */
  readonly bins: readonly number[];
  readonly offsets: readonly number[];
  readonly histogramBytes: number;
  /** Bytes of a row of bins. */
  readonly stride: number;
  readonly block: number;
  readonly at: Pointers;
  readonly pages: number;
}

/** What one thread works with. */
export interface GrowPart {
  readonly plan: GrowPlan;
  readonly memory: GrowMemory;
  readonly kernels: Kernels;
  readonly thread: number;
}

/** Where things lie in the shared memory, in bytes. */
export type Pointers = Readonly<Record<Area, number>>;

type Area = 'sync' | 'features' | 'results' | 'threadSums' | 'nanBin' | 'edges' | 'goesLeft' | 'stage' | 'parts' | 'pool' | 'packed' | 'score' | 'target' | 'pairsA' | 'pairsB' | 'byRow' | 'byColumn';

/** Plans the memory; throws TREES_MEMORY when the rows do not fit in the 4 GiB that WebAssembly can address. */
export function planGrowth(data: { rows: number; k: number; threads: number; params: TreesParams; positives: number; edgeCounts: readonly number[] }): GrowPlan {
  const { rows, k, threads, params, positives } = data;
  const bins = data.edgeCounts.map((count) => count + 2);
  const offsets: number[] = [];
  let histogramBytes = 0;
  for (const count of bins) {
    offsets.push(histogramBytes);
    histogramBytes += (count + (count % 2)) * 8;
  }
  const stride = Math.ceil(k / 4) * 4;
  const { at, end } = place({
    sync: BARRIER_BYTES,
    features: k * 16,
    results: threads * RESULT_BYTES * 2,
    threadSums: threads * 64,
    nanBin: k,
    edges: k * EDGE_PLACES * 4,
    goesLeft: threads * 256,
    stage: threads * stageBytes(k),
    parts: threads * histogramBytes,
    pool: (params.leaves + 1) * histogramBytes,
    packed: 4 * rows,
    score: 4 * rows,
    target: 4 * rows,
    pairsA: 8 * rows + 128 * threads,
    pairsB: 8 * rows + 128 * threads,
    byRow: stride * rows,
    byColumn: k * rows,
  });
  if (end > MAX_BYTES) {
    throw errors.TREES_MEMORY({ rows: String(rows), features: String(k), needed: String(Math.ceil(end / MIB)), limit: String(MAX_BYTES / MIB) });
  }
  const share = Math.ceil(rows / (threads * 8) / GATHER_ROWS) * GATHER_ROWS;
  const block = Math.min(MAX_BLOCK, Math.max(MIN_BLOCK, share));
  return { rows, k, threads, params, base: logOdds(positives, rows), positives, bins, offsets, histogramBytes, stride, block, at, pages: Math.ceil(end / PAGE) };
}

/** Room in which a thread lays out raw rows to bin them, or binned rows to add them. */
export const stageBytes = (k: number): number => GATHER_ROWS * 4 * Math.max(k, 4);

/** Rows from..to, without the last. */
export type RowBlock = readonly [from: number, to: number];

/** The blocks of rows that a thread owns for good. */
export function ownBlocks({ rows, threads, block }: GrowPlan, thread: number): readonly RowBlock[] {
  const blocks: RowBlock[] = [];
  for (let from = thread * block; from < rows; from += block * threads) blocks.push([from, Math.min(rows, from + block)]);
  return blocks;
}

/** Areas behind each other, on cache lines of their own, each with room for one wide access beyond its end. */
function place(sizes: Record<Area, number>): { readonly at: Pointers; readonly end: number } {
  let end = 1024;
  const entries = Object.entries(sizes).map(([area, bytes]) => {
    const from = end;
    end = Math.ceil((from + bytes + 64) / 128) * 128;
    return [area, from];
  });
  return { at: Object.fromEntries(entries) as Pointers, end };
}

/** Half a row is added to both sides where one is empty, so that the log-odds stay finite. */
function logOdds(positives: number, rows: number): number {
  const more = positives === 0 || positives === rows ? 0.5 : 0;
  return Math.fround(Math.log((positives + more) / (rows - positives + more)));
}
