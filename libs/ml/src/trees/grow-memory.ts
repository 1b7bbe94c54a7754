import { EDGE_PLACES } from './bin-edges.js';
import type { GrowPlan } from './grow-plan.js';
import { type WasmMemory, WebAssembly } from './web-assembly.js';

/** The memory that all threads share, seen as numbers. */
export class GrowMemory {
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;
  readonly bytes: Uint8Array;

  constructor(readonly wasm: WasmMemory) {
    this.i32 = new Int32Array(wasm.buffer);
    this.u32 = new Uint32Array(wasm.buffer);
    this.f32 = new Float32Array(wasm.buffer);
    this.f64 = new Float64Array(wasm.buffer);
    this.i64 = new BigInt64Array(wasm.buffer);
    this.bytes = new Uint8Array(wasm.buffer);
  }
}

/** Memory of exactly the plan's size, with the features' entries, edges, targets and first scores in place. */
export function fillMemory(plan: GrowPlan, edges: readonly Float32Array[], target: Uint8Array): WasmMemory {
  const wasm = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages, shared: true });
  const memory = new GrowMemory(wasm);
  const { at } = plan;
  plan.bins.forEach((bins, feature) => {
    memory.i32.set([plan.offsets[feature] ?? 0, bins, 0, 0], at.features / 4 + 4 * feature);
    memory.bytes[at.nanBin + feature] = bins - 1;
    const from = at.edges / 4 + feature * EDGE_PLACES;
    memory.f32.fill(Infinity, from, from + EDGE_PLACES);
    memory.f32.set(edges[feature] ?? [], from);
  });
  memory.f32.set(target, at.target / 4);
  memory.f32.fill(plan.base, at.score / 4, at.score / 4 + plan.rows);
  return wasm;
}
