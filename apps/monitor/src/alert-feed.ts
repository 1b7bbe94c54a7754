import type { Signals } from '@millrace/store';
import type { Alert } from './alert.js';
import type { AlertStore } from './alert.store.js';

/** Alerts that one slow follower may be behind; beyond that the oldest are left out, and the list has them. */
const MAX_BEHIND = 1_000;

/** The topic on which one process tells the others which alert it raised or changed. */
const CHANGED = 'alert';
/** Where signals were missed, so many of the newest alerts are looked at again. */
const LOOK_BACK = 100;

/** Those who come back after a while are told of changes among so many of the newest alerts; the list has all. */
const LOOK_BACK_OF_READERS = 1_000;

/** From when on somebody follows, and until when. */
export interface Watch {
  /** Changes from then on are told first; undefined means none that were before. */
  readonly changedSince?: Date | undefined;
  readonly signal: AbortSignal;
}

/** Hands alerts to all who follow, in every process that shares the store. */
export class AlertFeed {
  readonly #followers = new Set<(alert: Alert) => void>();
  /** The newest change that followers were told of, in ms. */
  #told: number;

  constructor(
    private readonly alerts: AlertStore,
    private readonly signals: Signals,
    clock: () => Date,
    onError: (error: unknown) => void,
  ) {
    this.#told = clock().getTime();
    signals.listen(CHANGED, {
      heard: (alert) => void this.#read(alert).catch(onError),
      missed: () => void this.#lookBack().catch(onError),
    });
  }

  /** Hands on an alert that this process raised or changed. */
  publish(alert: Alert): void {
    this.#hand(alert);
    this.signals.send(CHANGED, alert.alert);
  }

  /** Alerts that changed since a time, and those that are published from the first reading on, until the signal aborts. */
  async *follow(concerns: (alert: Alert) => boolean, { changedSince, signal }: Watch): AsyncGenerator<Alert> {
    const waiting: Alert[] = [];
    let wake: () => void = () => undefined;
    const take = (alert: Alert): void => {
      if (!concerns(alert)) return;
      waiting.push(alert);
      if (waiting.length > MAX_BEHIND) waiting.shift();
      wake();
    };
    const onAbort = (): void => wake();
    this.#followers.add(take);
    signal.addEventListener('abort', onAbort);
    try {
      // What is published meanwhile waits; it may be among what was found, and is then told once.
      const found = changedSince === undefined ? [] : (await this.#changedSince(changedSince)).filter(concerns);
      const told = new Map(found.map(({ alert, revision }) => [alert, revision]));
      yield* found;
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next && next.revision > (told.get(next.alert) ?? -1)) yield next;
        else if (!next) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#followers.delete(take);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** By the time of their change. */
  async #changedSince(time: Date): Promise<readonly Alert[]> {
    const newest = await this.alerts.list({}, { size: LOOK_BACK_OF_READERS, after: undefined });
    return newest.filter(({ updateTime }) => updateTime >= time).sort((a, b) => a.updateTime.getTime() - b.updateTime.getTime());
  }

  async #read(id: string): Promise<void> {
    const alert = this.#followers.size > 0 ? await this.alerts.find(id) : undefined;
    if (alert) this.#hand(alert);
  }

  async #lookBack(): Promise<void> {
    if (this.#followers.size === 0) return;
    const newest = await this.alerts.list({}, { size: LOOK_BACK, after: undefined });
    for (const alert of newest.filter(({ updateTime }) => updateTime.getTime() > this.#told).reverse()) this.#hand(alert);
  }

  #hand(alert: Alert): void {
    this.#told = Math.max(this.#told, alert.updateTime.getTime());
    for (const follower of this.#followers) follower(alert);
  }
}
