/** What the page says of failures somewhere, so that the rest can be said as well. */
class Said {
  /** Counts up with every change. */
  version = 0;
  readonly #said = new Map<string, number>();
  readonly #watchers = new Set<() => void>();

  has(message: string): boolean {
    return this.#said.has(message);
  }

  /** Notes that a message stands on the screen; gives what takes it away. */
  say(message: string): () => void {
    this.#count(message, 1);
    return () => this.#count(message, -1);
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #count(message: string, by: number): void {
    const times = (this.#said.get(message) ?? 0) + by;
    if (times === 0) this.#said.delete(message);
    else this.#said.set(message, times);
    this.version++;
    for (const watcher of this.#watchers) watcher();
  }
}

/** What this page says of failures. */
export const said = new Said();
