import { canonicalJson } from '@millrace/core';
import type { Changes } from '@millrace/service';
import { endpointName } from './endpoint.js';
import { count, NO_TRAFFIC, type Outcome, type Traffic, WINDOW_MS, windowOf } from './traffic.js';
import type { CountedTraffic, TrafficStore, TrafficWindow } from './traffic.store.js';

/** How often what was counted is kept, and told. */
const KEEP_MS = 1_000;
/** Windows that could not be kept for so long are given up: they are figures, and predictions are logged by themselves. */
const PATIENCE_MS = 600_000;
/** Instances do not count at the very same time: so far back a reader looks again for what came late. */
const LATE_MS = 5_000;

interface Counting extends Omit<CountedTraffic, 'traffic'> {
  traffic: Traffic;
  /** Something was counted that is not kept yet. */
  fresh: boolean;
}

/** Counts what is asked of endpoints, and tells it to those who watch, in every instance. */
export class TrafficService {
  readonly #counting = new Map<string, Counting>();
  readonly #timer: NodeJS.Timeout;
  #keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: TrafficStore,
    private readonly changes: Changes,
    /** Throws where there is no such endpoint. */
    private readonly check: (endpoint: string) => Promise<unknown>,
    private readonly clock: () => Date,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#timer = setInterval(() => void this.flush().catch(onError), KEEP_MS).unref();
  }

  /** Counts one request; returns at once. */
  count(endpoint: string, modelVersion: string, outcome: Outcome): void {
    const windowMs = windowOf(this.clock().getTime());
    const key = `${endpoint} ${modelVersion} ${windowMs}`;
    const counting = this.#counting.get(key) ?? { endpoint, modelVersion, windowMs, traffic: NO_TRAFFIC, fresh: true };
    this.#counting.set(key, Object.assign(counting, { traffic: count(counting.traffic, outcome), fresh: true }));
  }

  /** Resolves when all that was counted before is kept. */
  flush(): Promise<void> {
    const turn = this.#keeping.then(() => this.#keep());
    this.#keeping = turn.catch(() => undefined);
    return turn;
  }

  /** Windows that changed since a time, and each that changes from now on, until the signal aborts. */
  async *watch(endpoint: string, { changedSince, signal }: { readonly changedSince: Date | undefined; readonly signal: AbortSignal }): AsyncGenerator<TrafficWindow> {
    const told = new Map<number, string>();
    const read = async (): Promise<readonly TrafficWindow[]> => {
      await this.check(endpoint);
      return this.store.changedSince(endpoint, new Date(from));
    };
    let from = changedSince?.getTime() ?? this.clock().getTime();
    // What was counted before is known, unless it was asked for.
    if (changedSince === undefined) for (const window of await this.store.changedSince(endpoint, new Date(from - LATE_MS))) told.set(window.windowMs, canonicalJson(window.versions));
    for await (const windows of this.changes.watch(trafficOf(endpoint), read, { final: () => false, signal })) {
      for (const window of windows) {
        const counted = canonicalJson(window.versions);
        if (told.get(window.windowMs) === counted) continue;
        told.set(window.windowMs, counted);
        yield window;
        from = Math.max(from, window.updateTime.getTime() - LATE_MS);
      }
      for (const windowMs of told.keys()) if (windowMs + WINDOW_MS < from - LATE_MS) told.delete(windowMs);
    }
  }

  forgetBefore(time: Date): Promise<number> {
    return this.store.forgetBefore(time);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush().catch(this.onError);
  }

  async #keep(): Promise<void> {
    const now = this.clock();
    const fresh = [...this.#counting.values()].filter((counting) => counting.fresh);
    const kept = fresh.map((counting) => ({ counting, traffic: counting.traffic }));
    try {
      if (fresh.length > 0) await this.store.put(fresh, now);
      // What was counted meanwhile is not kept yet.
      for (const { counting, traffic } of kept) counting.fresh = counting.traffic !== traffic;
    } finally {
      this.#forget(now);
    }
    for (const endpoint of new Set(fresh.map((counting) => counting.endpoint))) this.changes.notify(trafficOf(endpoint));
  }

  /** Windows that have ended are not counted in any more; those that are not kept are held for a while longer. */
  #forget(now: Date): void {
    const ended = windowOf(now.getTime()) - WINDOW_MS;
    for (const [key, { windowMs, fresh }] of this.#counting) if (windowMs < (fresh ? ended - PATIENCE_MS : ended)) this.#counting.delete(key);
  }
}

const trafficOf = (endpoint: string): string => `${endpointName.format({ endpoint })}/traffic`;
