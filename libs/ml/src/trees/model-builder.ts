import { roundToGrid } from './leaf-grid.js';
import type { GrownTree } from './tree-grower.js';
import type { TreeNode } from './tree-node.js';
import type { TreesModel } from './trees-model.js';

/** Gathers grown trees into a model. */
export class ModelBuilder {
  private readonly roots: number[] = [];
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly missingLeft: number[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly value: number[] = [];
  private readonly gain: Float64Array;
  private largest = 0;

  constructor(
    private readonly base: number,
    private readonly edges: readonly Float32Array[],
  ) {
    this.gain = new Float64Array(edges.length);
  }

  add({ root, gainUnit }: GrownTree): void {
    this.roots.push(this.feature.length);
    let largest = 0;
    const visit = (node: TreeNode): number => {
      const index = this.feature.length;
      const { split, left, right } = node;
      const inner = split !== undefined && left !== undefined && right !== undefined;
      const feature = inner ? split.feature : -1;
      this.feature.push(feature);
      // Beyond the last edge there is none: every value goes left, and only missing ones right.
      this.threshold.push(inner ? (this.edges[feature]?.[split.bin] ?? Infinity) : 0);
      this.missingLeft.push(inner ? split.missingLeft : 0);
      this.value.push(node.value);
      this.left.push(-1);
      this.right.push(-1);
      largest = Math.max(largest, Math.abs(node.value));
      if (inner) {
        this.gain[feature] = (this.gain[feature] ?? 0) + split.gain * gainUnit;
        this.left[index] = visit(left);
        this.right[index] = visit(right);
      }
      return index;
    };
    visit(root);
    this.largest += largest;
  }

  /** The model, with leaf values on a grid on which their sums are exact. */
  build(): TreesModel {
    return {
      features: this.edges.length,
      base: this.base,
      roots: Int32Array.from(this.roots),
      feature: Int32Array.from(this.feature),
      threshold: Float32Array.from(this.threshold),
      missingLeft: Uint8Array.from(this.missingLeft),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      value: roundToGrid(Float32Array.from(this.value), this.largest),
      gain: this.gain,
    };
  }
}
