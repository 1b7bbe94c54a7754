import type { PushService } from './push.service.js';

/** When waiting rows become a version. */
export interface FlushRules {
  readonly rows: number;
  readonly ageMs: number;
  readonly clock: () => Date;
  /** Asks for a run; the same request id is the same run, in whichever instance it is asked for. */
  readonly flush: (dataset: string, requestId: string) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

const LOOK_MS = 1_000;

/** Looks for datasets whose pushed rows are many enough, or have waited long enough. Rows whose run has failed are not tried again by themselves: they would fail again. */
export class PushFlusher {
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();

  constructor(
    private readonly pushes: Pick<PushService, 'pending'>,
    private readonly rules: FlushRules,
  ) {}

  start(): void {
    this.#timer = setTimeout(() => {
      this.#look = this.#once().catch(this.rules.onError).finally(() => this.#timer && this.start());
    }, LOOK_MS).unref();
  }

  /** Waits for the look under way. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#look;
  }

  async #once(): Promise<void> {
    const now = this.rules.clock().getTime();
    for (const { dataset, rows, since, first } of await this.pushes.pending()) {
      if (rows >= this.rules.rows || now - since.getTime() >= this.rules.ageMs) await this.rules.flush(dataset, `push-${dataset}-${first}`);
    }
  }
}
