import { type HistogramShape, histogramWasm } from './histogram-wasm.js';
import { KERNELS_BASE64 } from './kernels.wasm.js';
import { type WasmMemory, type WasmModule, WebAssembly } from './web-assembly.js';

/** The kernels of `kernels.asc` and of `histogram-wasm.ts`, over one memory; pointers are bytes, and those that come back are signed. */
export interface Kernels {
  binBlock(stage: number, rows: number, k: number, edges: number, nanBin: number, features: number, byRow: number, stride: number, byColumn: number, total: number, first: number): void;
  gradLogistic(score: number, y: number, packed: number, from: number, to: number, gScale: number, hScale: number, seed: number, sums: number): void;
  partRows(column: number, goesLeft: number, packed: number, from: number, to: number, l: number, r: number): number;
  partPairs(column: number, goesLeft: number, source: number, n: number, l: number, r: number): number;
  addLeaf(source: number, n: number, score: number, value: number): void;
  mergeSub(parts: number, threads: number, size: number, child: number, parent: number, from: number, to: number): void;
  scan(hist: number, features: number, f0: number, f1: number, G: number, H: number, L: number, hmin: number, out: number): void;
  zero(at: number, bytes: number): void;
  addRows(bins: number, packed: number, n: number, hist: number): void;
  addPairs(bins: number, pairs: number, n: number, hist: number, buffer: number): void;
}

/** Compiled once for all threads: modules may be sent to workers. */
export interface KernelModules {
  readonly fixed: WasmModule;
  readonly histogram: WasmModule;
}

/** Compiles the kernels for the shape of a histogram. */
export const compileKernels = (shape: HistogramShape): KernelModules => ({
  fixed: new WebAssembly.Module(Buffer.from(KERNELS_BASE64, 'base64')),
  histogram: new WebAssembly.Module(histogramWasm(shape)),
});

/** The kernels at work on a memory. */
export function linkKernels(modules: KernelModules, memory: WasmMemory): Kernels {
  const imports = { env: { memory } };
  const parts = [modules.fixed, modules.histogram].map((module) => new WebAssembly.Instance(module, imports).exports);
  // What the modules export is known here only: both are made by this folder.
  return Object.assign({}, ...parts) as Kernels;
}
