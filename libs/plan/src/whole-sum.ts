/** Whole numbers of 128 bits hold the sum of so many terms, each below 2^86 units. */
const MOST_ROWS_LOG2 = 40;
const TERM_BITS = 126 - MOST_ROWS_LOG2;
/** A scale beyond this is no double any more. */
const LARGEST_SCALE_LOG2 = 1_000;

/**
 * The power of two that sums of terms no larger than `reach` are counted in. Rounded to it, terms are whole numbers, and no order of adding changes
 * their sum; of the largest term it is less than 2^-84, so the sum is nearer to the true one than any that doubles add up.
 */
export function unitOf(reach: number): number {
  if (reach === 0) return 1;
  const scale = TERM_BITS - (Math.floor(Math.log2(reach)) + 2);
  return 2 ** -Math.min(scale, LARGEST_SCALE_LOG2);
}
