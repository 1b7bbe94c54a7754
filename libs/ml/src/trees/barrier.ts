/** Bytes of a barrier: a count and, on a cache line of its own, a generation. */
export const BARRIER_BYTES = 192;

const GENERATION = 32;

/** Loads before a thread goes to sleep: about as long as waking up takes. */
const SPINS = 5_000;

/** Waits until all threads have come. The words begin with a barrier, zeroed at first. */
export function barrier(words: Int32Array, threads: number): void {
  if (threads === 1) return;
  const generation = Atomics.load(words, GENERATION);
  if (Atomics.add(words, 0, 1) === threads - 1) {
    Atomics.store(words, 0, 0);
    Atomics.store(words, GENERATION, generation + 1);
    Atomics.notify(words, GENERATION);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, GENERATION) !== generation) return;
  while (Atomics.load(words, GENERATION) === generation) Atomics.wait(words, GENERATION, generation);
}
