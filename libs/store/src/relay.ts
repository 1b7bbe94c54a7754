import type { EventRecord } from '@millrace/core';

/** How a relay works; every field has a default. */
export interface RelayOptions {
  /** Records handed to `publish` at once. */
  readonly batch?: number;
  /** Told each failure before the relay waits and tries the same records again. */
  readonly onError?: (error: unknown) => void;
  /** How often the outbox is looked at without a commit to wake it, in ms. */
  readonly pollMs?: number;
}

/** Ships the outbox to the bus: in order, at least once, and never loses a record. */
export interface Relay {
  /** Looks at the outbox now; a commit does this by itself. */
  kick(): void;
  /** Resolves when everything committed before the call is on the bus. */
  idle(): Promise<void>;
  /** Lets the batch under way finish and ends; what is left stays in the outbox. */
  stop(): Promise<void>;
}

export const RELAY_BATCH = 500;
/** The safety net under the wake-up on commit. */
export const RELAY_POLL_MS = 5_000;
/** How often a process asks whose turn is another's. */
const STANDBY_MS = 1_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** Where a relay reads and forgets. */
export interface RelaySource {
  read(size: number): Promise<readonly { readonly seq: bigint | number; readonly record: EventRecord }[]>;
  forget(sequence: readonly (bigint | number)[]): Promise<void>;
}

/** The right to ship: of all processes that share an outbox, one has it. */
export interface RelayTurn {
  /** Whether this process has it now; takes it when it is free. */
  mine(): Promise<boolean>;
  /** Gives it back. */
  end(): Promise<void>;
}

/** The loop behind `store.relay`. */
export class OutboxRelay implements Relay {
  readonly #batch: number;
  readonly #pollMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #onStop: () => void;
  readonly #done: Promise<void>;
  readonly #turn: RelayTurn;
  #stopped = false;
  #kicked = true;
  #wake: (() => void) | undefined;
  #idlers: (() => void)[] = [];

  constructor(
    private readonly source: RelaySource,
    private readonly publish: (records: readonly EventRecord[]) => Promise<void>,
    { batch = RELAY_BATCH, pollMs = RELAY_POLL_MS, onError = () => {} }: RelayOptions,
    { takeTurn, onStop }: { readonly takeTurn: (wake: () => void) => RelayTurn; readonly onStop: () => void },
  ) {
    this.#turn = takeTurn(() => this.kick());
    this.#onStop = onStop;
    this.#batch = batch;
    this.#pollMs = pollMs;
    this.#onError = onError;
    this.#done = this.#run();
  }

  kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  idle(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#idlers.push(resolve));
    this.kick();
    return settled;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.kick();
    await this.#done;
    await this.#turn.end();
    this.#onStop();
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#stopped) {
      const asked = this.#idlers.length;
      this.#kicked = false;
      try {
        if (!(await this.#turn.mine())) {
          // Another process ships; what it has shipped is on the bus for this one too.
          if ((await this.source.read(1)).length === 0) for (const resolve of this.#idlers.splice(0, asked)) resolve();
          await this.#sleep(STANDBY_MS, false);
          continue;
        }
        const more = await this.#shipBatch();
        pause = FIRST_PAUSE_MS;
        if (more) continue;
        for (const resolve of this.#idlers.splice(0, asked)) resolve();
        await this.#sleep(this.#pollMs, true);
      } catch (error) {
        this.#onError(error);
        await this.#sleep(pause, false);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    for (const resolve of this.#idlers.splice(0)) resolve();
  }

  /** Whether there was anything to ship, so that more may wait. */
  async #shipBatch(): Promise<boolean> {
    const rows = await this.source.read(this.#batch);
    if (rows.length === 0) return false;
    await this.publish(rows.map((row) => row.record));
    await this.source.forget(rows.map((row) => row.seq));
    return true;
  }

  /** Waits; a kick ends the wait when `wakeable`, a stop always. */
  async #sleep(ms: number, wakeable: boolean): Promise<void> {
    if (this.#stopped || (wakeable && this.#kicked)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#wake = () => {
        if (!wakeable && !this.#stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
