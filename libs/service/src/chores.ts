import type { Logger } from 'pino';

/** What keeps a home tidy without anybody asking. */
export interface Chore {
  readonly name: string;
  /** Must bear to be cut off and begun again. */
  readonly run: () => Promise<unknown>;
}

const MINUTE_MS = 60_000;
const FIRST_MS = 10 * MINUTE_MS;
const EVERY_MS = 24 * 60 * MINUTE_MS;

/** Does the chores one after another, some minutes after the start and then once a day; one that fails is told, and done again with the next round. */
export class Chores {
  #timer: NodeJS.Timeout;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly chores: readonly Chore[],
    private readonly options: { readonly log: Logger; readonly firstMs?: number; readonly everyMs?: number },
  ) {
    this.#timer = this.#after(options.firstMs ?? FIRST_MS);
  }

  /** Waits for the chore under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#round = this.#doAll().then(() => {
        if (!this.#stopped) this.#timer = this.#after(this.options.everyMs ?? EVERY_MS);
      });
    }, ms).unref();
  }

  async #doAll(): Promise<void> {
    for (const { name, run } of this.chores) {
      if (this.#stopped) return;
      try {
        this.options.log.info({ chore: name, did: await run() }, 'a chore is done');
      } catch (error) {
        this.options.log.error({ chore: name, err: error }, 'a chore failed');
      }
    }
  }
}
