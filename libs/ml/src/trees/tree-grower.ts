import { barrier } from './barrier.js';
import { type GradientScale, firstScale, halfScale, nextScale, SUM_LIMIT } from './gradient-scale.js';
import type { GrowMemory } from './grow-memory.js';
import { type GrowPart, type GrowPlan, ownBlocks, type RowBlock, stageBytes } from './grow-plan.js';
import type { Kernels } from './kernels.js';
import { SplitSearch } from './split-search.js';
import { TreeNode } from './tree-node.js';

/** What a finished tree needs to be kept: its root, and what gains must be multiplied by to be in units of the loss. */
export interface GrownTree {
  readonly root: TreeNode;
  readonly gainUnit: number;
}

/**
 * One thread's part in growing trees, leaf by leaf with the best gain first. Every thread runs the same decisions on the
 * same sums, so nothing is sent: rows belong to threads for good, features are shared out in the split search only.
 * Two barriers a split: after the histograms of the parts, and after the search.
 * Methods are small on purpose: the engine compiles a large hot loop again and again while it runs.
 */
export class TreeGrower {
  private readonly plan: GrowPlan;
  private readonly memory: GrowMemory;
  private readonly kernels: Kernels;
  private readonly blocks: readonly RowBlock[];
  private readonly ownRows: number;
  private readonly pairs: readonly [number, number];
  private readonly part: number;
  private readonly stage: number;
  private readonly goesLeft: number;
  private readonly sums: number;
  private readonly sync: Int32Array;
  private readonly search: SplitSearch;
  private readonly freeSlots: number[] = [];
  private scale: GradientScale;
  private tree = 0;

  constructor(part: GrowPart) {
    const { plan, memory, kernels, thread } = part;
    this.plan = plan;
    this.memory = memory;
    this.kernels = kernels;
    const { at, rows, positives, histogramBytes } = plan;
    this.blocks = ownBlocks(plan, thread);
    this.ownRows = rowsOf(this.blocks);
    const before = Array.from({ length: thread }, (_, other) => 8 * rowsOf(ownBlocks(plan, other)) + 128).reduce((sum, bytes) => sum + bytes, 0);
    this.pairs = [at.pairsA + before, at.pairsB + before];
    this.part = at.parts + thread * histogramBytes;
    this.stage = at.stage + thread * stageBytes(plan.k);
    this.goesLeft = at.goesLeft + thread * 256;
    this.sums = at.threadSums + thread * 64;
    this.sync = memory.i32.subarray(at.sync / 4, at.sync / 4 + 64);
    this.search = new SplitSearch(part);
    this.scale = firstScale(rows, positives);
  }

  /** Grows the next tree and adds it to the scores; undefined when no split gains anything. */
  grow(): GrownTree | undefined {
    this.freeSlots.length = 0;
    for (let slot = this.plan.params.leaves; slot > 0; slot--) this.freeSlots.push(slot);
    const { root, scale } = this.startTree();
    const gainUnit = scale.h / (scale.g * scale.g);
    if (root.split === undefined) return undefined;
    const leaves = [root];
    for (let best = bestOf(leaves); best >= 0 && leaves.length < this.plan.params.leaves; best = bestOf(leaves)) this.split(leaves, best);
    for (const leaf of leaves) this.finishLeaf(leaf, scale);
    this.tree++;
    return { root, gainUnit };
  }

  /** Gradients and the root's histogram; done again at half the scale in the rare case that a sum would not fit. */
  private startTree(): { readonly root: TreeNode; readonly scale: GradientScale } {
    for (;;) {
      this.kernels.zero(this.part, this.plan.histogramBytes);
      this.kernels.zero(this.sums, 16);
      for (const [from, to] of this.blocks) this.addOwnBlock(from, to);
      this.wait();
      const sums = this.gradientSums();
      const { scale } = this;
      if (sums.g <= SUM_LIMIT && sums.h <= SUM_LIMIT) {
        this.search.scaleTo(scale);
        this.scale = nextScale(scale, sums);
        return { root: this.openRoot(), scale };
      }
      this.wait();
      this.scale = halfScale(scale);
    }
  }

  private addOwnBlock(from: number, to: number): void {
    const { at, stride } = this.plan;
    const seed = roundingSeed(this.plan.params.seed, this.tree);
    this.kernels.gradLogistic(at.score, at.target, at.packed, from, to, this.scale.g, this.scale.h, seed, this.sums);
    this.kernels.addRows(at.byRow + from * stride, at.packed + 4 * from, to - from, this.part);
  }

  private gradientSums(): GradientScale {
    let [g, h] = [0, 0];
    for (let thread = 0; thread < this.plan.threads; thread++) {
      const at = this.plan.at.threadSums / 8 + 8 * thread;
      g += Number(this.memory.i64[at]);
      h += Number(this.memory.i64[at + 1]);
    }
    return { g, h };
  }

  private openRoot(): TreeNode {
    const { rows, params } = this.plan;
    const { G, H } = this.search.partTotals();
    const root = new TreeNode(G, H, 0, this.ownRows, 0, -1);
    root.rows = rows;
    root.slot = 0;
    this.search.merge(root, undefined);
    if (rows >= 2 * params.minRows) this.search.look(root, 0);
    this.wait();
    if (rows >= 2 * params.minRows) root.split = this.search.best(root, 0);
    return root;
  }

  private split(leaves: TreeNode[], index: number): void {
    const parent = leaves[index];
    const split = parent?.split;
    if (parent === undefined || split === undefined) return;
    const ownLeft = this.partition(parent, split.feature);
    const buffer = parent.buffer === 0 ? 1 : 0;
    const left = new TreeNode(split.leftG, split.leftH, parent.depth + 1, ownLeft, parent.first, buffer);
    const right = new TreeNode(parent.G - split.leftG, parent.H - split.leftH, parent.depth + 1, parent.own - ownLeft, parent.first + ownLeft, buffer);
    parent.left = left;
    parent.right = right;
    leaves[index] = left;
    leaves.push(right);
    // The last two children are never split.
    if (leaves.length < this.plan.params.leaves) this.evaluate(parent, left, right);
  }

  /** Parts the thread's own pairs of a node; gives how many went left. */
  private partition(node: TreeNode, feature: number): number {
    const { at, rows } = this.plan;
    this.writeGoesLeft(node);
    const column = at.byColumn + feature * rows;
    const target = this.pairs[node.buffer === 0 ? 1 : 0] + 8 * node.first;
    let left = target;
    let right = target + 8 * (node.own - 1);
    if (node.buffer >= 0) return ((this.kernels.partPairs(column, this.goesLeft, this.pairsOf(node), node.own, left, right) >>> 0) - target) / 8;
    for (const [from, to] of this.blocks) {
      const end = this.kernels.partRows(column, this.goesLeft, at.packed, from, to, left, right) >>> 0;
      right -= 8 * (to - from - (end - left) / 8);
      left = end;
    }
    return (left - target) / 8;
  }

  private writeGoesLeft({ split }: TreeNode): void {
    const bins = this.plan.bins[split?.feature ?? 0] ?? 0;
    for (let bin = 0; bin + 1 < bins; bin++) this.memory.bytes[this.goesLeft + bin] = bin <= (split?.bin ?? 0) ? 1 : 0;
    this.memory.bytes[this.goesLeft + bins - 1] = split?.missingLeft ?? 0;
  }

  /** Histograms of the children, the smaller one counted and the larger one left over, and their best splits. */
  private evaluate(parent: TreeNode, left: TreeNode, right: TreeNode): void {
    const { at, threads, histogramBytes, params } = this.plan;
    const [small, large] = left.H <= right.H ? [left, right] : [right, left];
    small.slot = this.freeSlots.pop() ?? 0;
    large.slot = parent.slot;
    this.memory.i32[this.sums / 4 + 8] = left.own;
    this.kernels.zero(this.part, histogramBytes);
    this.kernels.addPairs(at.byRow, this.pairsOf(small), small.own, this.part, this.stage);
    this.wait();
    for (let thread = 0; thread < threads; thread++) left.rows += this.memory.i32[at.threadSums / 4 + 16 * thread + 8] ?? 0;
    right.rows = parent.rows - left.rows;
    this.search.merge(small, large);
    const open = [left, right].map((node) => node.rows >= 2 * params.minRows && node.depth < (params.maxDepth ?? Infinity));
    if (open[0]) this.search.look(left, 0);
    if (open[1]) this.search.look(right, 1);
    this.wait();
    if (open[0]) left.split = this.search.best(left, 0);
    if (open[1]) right.split = this.search.best(right, 1);
  }

  private finishLeaf(leaf: TreeNode, scale: GradientScale): void {
    const { rate, l2 } = this.plan.params;
    const weight = leaf.H / scale.h + l2;
    leaf.value = weight > 0 ? Math.fround((-rate * (leaf.G / scale.g)) / weight) : 0;
    this.kernels.addLeaf(this.pairsOf(leaf), leaf.own, this.plan.at.score, leaf.value);
  }

  private pairsOf(node: TreeNode): number {
    return this.pairs[node.buffer === 1 ? 1 : 0] + 8 * node.first;
  }

  private wait(): void {
    barrier(this.sync, this.plan.threads);
  }
}

const rowsOf = (blocks: readonly RowBlock[]): number => blocks.reduce((sum, [from, to]) => sum + to - from, 0);

/** The open leaf whose split gains most, the earlier one of equals; -1 when none is open. */
function bestOf(leaves: readonly TreeNode[]): number {
  let best = -1;
  let gain = 0;
  for (const [index, leaf] of leaves.entries()) {
    if (leaf.split === undefined || leaf.split.gain <= gain) continue;
    best = index;
    gain = leaf.split.gain;
  }
  return best;
}

/** A seed for each tree such that no tree's rounding is another one's, moved by some rows. */
function roundingSeed(seed: number, tree: number): number {
  let mixed = Math.imul(seed ^ Math.imul(tree + 1, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}
