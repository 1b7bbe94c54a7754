/**
 * Boosted trees as plain data. The nodes of all trees lie behind each other, each tree from its root on; a row goes left
 * when its float32 value is at most the threshold, or when it is missing (NaN) and `missingLeft` is 1.
 * The margin of a row is `base` plus its leaf values. Leaf values are multiples of one power of two, so small in number
 * that float32 adds them without rounding: every order of adding gives the same bits (see `leaf-grid.ts`).
 */
export interface TreesModel {
  /** How many features a row has. */
  readonly features: number;
  /** Margin of a row before any tree: the log-odds of the training rows. */
  readonly base: number;
  /** The first node of each tree; always the lowest of its nodes. */
  readonly roots: Int32Array;
  /** The feature that a node asks, -1 in a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly missingLeft: Uint8Array;
  /** Child nodes, counted over all trees; -1 in a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Leaf values, rate included; 0 in an inner node. */
  readonly value: Float32Array;
  /** Summed gain of the splits on each feature, in units of the loss. */
  readonly gain: Float64Array;
}
