/** Bits that the largest possible sum of leaf values may fill; one less than a float32 has, for what rounding to the grid adds. */
const SUM_BITS = 23;
const FINEST = 2 ** -60;

/**
 * Rounds leaf values to multiples of the smallest power of two on which every partial sum over the trees is exact in
 * float32: the largest |value| of each tree, summed over the trees, stays below 2^24 steps. A sum of 40 gives steps of
 * 2^-17, about 1e-5. `largest` is that sum.
 */
export function roundToGrid(values: Float32Array, largest: number): Float32Array {
  const step = gridStep(largest);
  // `+ 0` turns -0 into 0, so that a sum of nothing but zeros has one sign.
  return values.map((value) => Math.round(value / step) * step + 0);
}

function gridStep(largest: number): number {
  let step = 1;
  while (step * 2 ** SUM_BITS < largest) step *= 2;
  while (step > FINEST && (step / 2) * 2 ** SUM_BITS >= largest) step /= 2;
  return step;
}
