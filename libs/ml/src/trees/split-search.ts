import type { GradientScale } from './gradient-scale.js';
import type { GrowMemory } from './grow-memory.js';
import { type GrowPart, type GrowPlan, RESULT_BYTES } from './grow-plan.js';
import type { Kernels } from './kernels.js';
import type { Split, TreeNode } from './tree-node.js';

/** Least hessian sum of a leaf. */
const MIN_HESSIAN = 1e-3;

/** Least gain of a split, in integer units: more than rounding makes of none. */
const MIN_GAIN = 1e-9;

/** Merges the threads' histograms and searches them, each thread over its share of the features. */
export class SplitSearch {
  private readonly plan: GrowPlan;
  private readonly memory: GrowMemory;
  private readonly kernels: Kernels;
  private readonly thread: number;
  private readonly f0: number;
  private readonly f1: number;
  private readonly from: number;
  private readonly to: number;
  private l2 = 0;
  private minHessian = 0;

  constructor({ plan, memory, kernels, thread }: GrowPart) {
    this.plan = plan;
    this.memory = memory;
    this.kernels = kernels;
    this.thread = thread;
    const { k, threads, offsets, histogramBytes } = plan;
    this.f0 = Math.floor((k * thread) / threads);
    this.f1 = Math.floor((k * (thread + 1)) / threads);
    this.from = offsets[this.f0] ?? histogramBytes;
    this.to = offsets[this.f1] ?? histogramBytes;
  }

  /** Says what hessians are multiplied by in this tree. */
  scaleTo(scale: GradientScale): void {
    this.l2 = this.plan.params.l2 * scale.h;
    this.minHessian = MIN_HESSIAN * scale.h;
  }

  /** Sums over all rows: the bins of the first feature, over all parts. */
  partTotals(): { readonly G: number; readonly H: number } {
    const { at, threads, histogramBytes, bins } = this.plan;
    let [G, H] = [0, 0];
    for (let thread = 0; thread < threads; thread++) {
      const part = (at.parts + thread * histogramBytes) / 4;
      for (let bin = 0; bin < (bins[0] ?? 0); bin++) {
        H += this.memory.u32[part + 2 * bin] ?? 0;
        G += this.memory.i32[part + 2 * bin + 1] ?? 0;
      }
    }
    return { G, H };
  }

  /** Writes the sum of the parts to a node's histogram, over the own features; takes it from the one it came out of. */
  merge(node: TreeNode, from: TreeNode | undefined): void {
    const { at, threads, histogramBytes } = this.plan;
    const rest = from === undefined ? 0 : this.histogramOf(from);
    this.kernels.mergeSub(at.parts, threads, histogramBytes, this.histogramOf(node), rest, this.from, this.to);
  }

  /** Finds the best split on the own features; `child` (0 or 1) says where the result lies. */
  look(node: TreeNode, child: 0 | 1): void {
    const least = Math.max(this.minHessian, (this.plan.params.minRows * node.H) / node.rows, 1e-9);
    const result = this.resultAt(child, this.thread);
    this.kernels.scan(this.histogramOf(node), this.plan.at.features, this.f0, this.f1, node.G, node.H, this.l2, least, result);
  }

  /** The best of what all threads found, the earlier feature of equals; undefined when nothing gains. */
  best(node: TreeNode, child: 0 | 1): Split | undefined {
    const { f64, i32, u32 } = this.memory;
    let at = -1;
    let most = -1;
    for (let thread = 0; thread < this.plan.threads; thread++) {
      const result = this.resultAt(child, thread);
      const gain = f64[result / 8] ?? -1;
      if ((i32[result / 4 + 2] ?? -1) < 0 || gain <= most) continue;
      at = result / 4;
      most = gain;
    }
    const gain = most - (node.G * node.G) / (node.H + this.l2);
    if (at < 0 || !(gain > MIN_GAIN)) return undefined;
    const [feature = 0, bin = 0] = i32.subarray(at + 2, at + 4);
    return { gain, feature, bin, leftH: u32[at + 4] ?? 0, leftG: i32[at + 5] ?? 0, missingLeft: i32[at + 6] ?? 0 };
  }

  private histogramOf(node: TreeNode): number {
    return this.plan.at.pool + node.slot * this.plan.histogramBytes;
  }

  private resultAt(child: number, thread: number): number {
    return this.plan.at.results + (child * this.plan.threads + thread) * RESULT_BYTES;
  }
}
