import { AsyncLocalStorage } from 'node:async_hooks';
import { errors } from './errors.js';

/** Knows whether the caller stands inside a transaction of one store, where a second way to the same database would wait for itself. */
export class TransactionScope {
  readonly #inside = new AsyncLocalStorage<{ active: boolean }>();

  constructor(private readonly file: string) {}

  /** Runs a transaction's callback; work that it leaves behind is outside again once it has ended. */
  async enter<T>(callback: () => Promise<T>): Promise<T> {
    const mark = { active: true };
    try {
      return await this.#inside.run(mark, callback);
    } finally {
      mark.active = false;
    }
  }

  /** Throws STORE_NESTED inside a transaction. */
  refuseInside(): void {
    if (this.#inside.getStore()?.active) throw errors.STORE_NESTED({ file: this.file });
  }
}
