import type { Slice } from './slices.js';

const MOST = 5;

/** The slices with the largest log loss, worst first. */
export function worstSlices(slices: readonly Slice[], most = MOST): readonly Slice[] {
  const loss = (slice: Slice): number => slice.metrics[0]?.value ?? 0;
  return [...slices].sort((a, b) => loss(b) - loss(a) || (a.value < b.value ? -1 : 1)).slice(0, most);
}
