import { type GrowPart, ownBlocks, stageBytes } from './grow-plan.js';
import { GATHER_ROWS } from './histogram-wasm.js';

/** Writes the bins of the thread's own rows of the raw matrix, and notes which features have missing values. */
export function binRows({ plan, memory, kernels, thread }: GrowPart, features: Float32Array): void {
  const { at, k, rows, stride } = plan;
  const stage = at.stage + thread * stageBytes(k);
  const staged = memory.f32.subarray(stage / 4, stage / 4 + GATHER_ROWS * k);
  for (const [from, to] of ownBlocks(plan, thread)) {
    for (let row = from; row < to; row += GATHER_ROWS) {
      const count = Math.min(GATHER_ROWS, to - row);
      staged.set(features.subarray(row * k, (row + count) * k));
      kernels.binBlock(stage, count, k, at.edges, at.nanBin, at.features, at.byRow, stride, at.byColumn, rows, row);
    }
  }
}
