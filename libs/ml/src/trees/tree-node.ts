/** The split that was found best for a node; `bin` is the last that goes left. */
export interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: number;
  readonly leftG: number;
  readonly leftH: number;
}

/**
 * A node while its tree grows, as one thread sees it: sums over all rows, but only the thread's own pairs.
 * A class with every field set at once, because the engine is fast with objects of one shape.
 */
export class TreeNode {
  /** Rows of all threads. */
  rows = 0;
  /** The histogram's place in the pool. */
  slot = -1;
  split: Split | undefined = undefined;
  left: TreeNode | undefined = undefined;
  right: TreeNode | undefined = undefined;
  value = 0;

  constructor(
    readonly G: number,
    readonly H: number,
    readonly depth: number,
    /** Own pairs: how many there are, after which, and in which of the two buffers (-1: all own rows, not yet pairs). */
    readonly own: number,
    readonly first: number,
    readonly buffer: -1 | 0 | 1,
  ) {}
}
