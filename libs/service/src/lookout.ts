import { LEASES_FREED } from '@millrace/store';
import type { JobStore } from './job-store.js';

/** Who looks for work, and how. */
export interface LookoutOptions {
  readonly store: Pick<JobStore<never>, 'kind' | 'signals' | 'shared' | 'leases'>;
  /** Takes what there is and this process has room for. */
  readonly look: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** The topic on which processes that share jobs tell each other that there are some. */
const WORK = 'work';
/** Of the time that a lease lasts: how often somebody looks whether one has run out, give or take a part of that so that not all look at once. */
const SWEEP = 1 / 6;
const JITTER = 0.25;

/** Looks for work when somebody says that there is some, and, where other processes may die over theirs, now and then. */
export class Lookout {
  #timer: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #kicked = false;
  #state: 'NEW' | 'OPEN' | 'CLOSED' = 'NEW';

  constructor(private readonly options: LookoutOptions) {}

  /** Begins to look; before, nothing is taken. */
  start(): void {
    if (this.#state !== 'NEW') return;
    this.#state = 'OPEN';
    const { store } = this.options;
    const heard = (kind: string): void => {
      if (kind === store.kind) this.kick();
    };
    const missed = (): void => this.kick();
    const stops = [store.signals.listen(WORK, { heard, missed }), store.signals.listen(LEASES_FREED, { heard: missed, missed })];
    this.#stopListening = () => stops.forEach((stop) => stop());
    this.#again();
    this.kick();
  }

  /** Looks now, or again when it is looking. */
  kick(): void {
    if (this.#state !== 'OPEN') return;
    this.#kicked = true;
    this.#looking ??= this.#lookAll().finally(() => (this.#looking = undefined));
  }

  /** Tells the others that there is work. */
  offer(): void {
    this.options.store.signals.send(WORK, this.options.store.kind);
  }

  /** Resolves when it is not looking. */
  async idle(): Promise<void> {
    while (this.#looking) await this.#looking;
  }

  /** Takes nothing any more. */
  async close(): Promise<void> {
    this.#state = 'CLOSED';
    clearTimeout(this.#timer);
    this.#stopListening();
    await this.idle();
  }

  async #lookAll(): Promise<void> {
    while (this.#kicked && this.#state === 'OPEN') {
      this.#kicked = false;
      await this.options.look().catch(this.options.onError);
    }
  }

  #again(): void {
    const { shared, leases } = this.options.store;
    if (!shared || this.#state !== 'OPEN') return;
    this.#timer = setTimeout(() => {
      this.kick();
      this.#again();
    }, leases.lastsMs * SWEEP * (1 + JITTER * (2 * Math.random() - 1))).unref();
  }
}
