import type { Leases } from '@millrace/store';
import type { Logger } from 'pino';

/** What keeps a home tidy without anybody asking. */
export interface Chore {
  readonly name: string;
  /** Must bear to be cut off and begun again. */
  readonly run: () => Promise<unknown>;
}

/** A chore, and the leases by which one instance in a day does it. */
export type SharedChore = Chore & { readonly leases: Pick<Leases, 'period'> };

const MINUTE_MS = 60_000;
const FIRST_MS = 10 * MINUTE_MS;
const EVERY_MS = 24 * 60 * MINUTE_MS;
/** Less than between two rounds, so that a round is never a little too early for its chores. */
const PERIOD = 0.9;

/** Does the chores one after another, some minutes after the start and then once a day; of instances that share a store one does each, whoever is first. One that fails is told, and done again with the next round. */
export class Chores {
  #timer: NodeJS.Timeout;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly chores: readonly SharedChore[],
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
    for (const chore of this.chores) {
      if (this.#stopped) return;
      try {
        await this.#do(chore);
      } catch (error) {
        this.options.log.error({ chore: chore.name, err: error }, 'a chore failed');
      }
    }
  }

  async #do({ name, run, leases }: SharedChore): Promise<void> {
    const turn = await leases.period(`chore/${name}`, (this.options.everyMs ?? EVERY_MS) * PERIOD);
    if (!turn) return;
    try {
      this.options.log.info({ chore: name, did: await run() }, 'a chore is done');
    } catch (error) {
      await turn.giveBack();
      throw error;
    }
  }
}
