/** Lets one holder in at a time, in the order of asking. */
export class Mutex {
  readonly #waiting: (() => void)[] = [];
  #held = false;

  /** Resolves once it is the caller's turn. */
  lock(): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the next one in. */
  unlock(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#held = false;
  }
}
