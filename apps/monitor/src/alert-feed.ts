import type { Alert } from './alert.js';

/** Alerts that one slow follower may be behind; beyond that the oldest are left out, and the list has them. */
const MAX_BEHIND = 1_000;

/** Hands alerts to all who follow. */
export class AlertFeed {
  readonly #followers = new Set<(alert: Alert) => void>();

  publish(alert: Alert): void {
    for (const follower of this.#followers) follower(alert);
  }

  /** Alerts that are published from the first reading on, until the signal aborts. */
  async *follow(concerns: (alert: Alert) => boolean, signal: AbortSignal): AsyncGenerator<Alert> {
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
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#followers.delete(take);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
