/** A seeded source of chance (mulberry32): the same seed makes the same choices. */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** From `low` up to, not including, `high`. */
    between: (low, high) => low + next() * (high - low),
    pick: (values) => values[Math.floor(next() * values.length)],
  };
}
