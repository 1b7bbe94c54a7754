/** Tells those who watch a resource that it changed. What it is now stands in the store; this only wakes them. */
export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #counts = new Map<string, number>();

  /** Wakes everyone who watches `name`. */
  notify(name: string): void {
    const waiting = this.#waiting.get(name);
    if (!waiting) return;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    for (const wake of waiting) wake();
  }

  /** Gives what `read` says now and after each change, until it is `final` or the signal aborts. Changes while the reader is busy count as one. */
  async *watch<T>(name: string, read: () => Promise<T>, { final, signal }: { final: (value: T) => boolean; signal: AbortSignal }): AsyncGenerator<T> {
    let wake: () => void = () => undefined;
    const waiter = (): void => wake();
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(waiter));
    signal.addEventListener('abort', waiter);
    try {
      while (!signal.aborted) {
        const seen = this.#counts.get(name) ?? 0;
        const value = await read();
        yield value;
        if (final(value)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || (this.#counts.get(name) ?? 0) !== seen) resolve();
        });
      }
    } finally {
      signal.removeEventListener('abort', waiter);
      waiting.delete(waiter);
      if (waiting.size === 0) {
        this.#waiting.delete(name);
        this.#counts.delete(name);
      }
    }
  }
}
