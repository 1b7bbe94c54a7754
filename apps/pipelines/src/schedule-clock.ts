import type { Leases, Signals } from '@millrace/store';
import { Cron } from 'croner';
import type { Scheduled, ScheduleStore } from './schedule.store.js';

/** A time that came while no instance was up, or all were busy, is made up for within so long; what is older is left out. */
export const MISFIRE_MS = 300_000;
/** Where others may change schedules, and may die before they tell. */
const LOOK_MS = 30_000;
const RETRY_MS = 1_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The topic on which one instance tells the others that schedules changed. */
const CHANGED = 'schedule';

/** What the clock needs of the store that instances share. */
export interface ScheduleHome {
  readonly leases: Pick<Leases, 'now'>;
  readonly signals: Signals;
  readonly shared: boolean;
}

/** Called for each time that has come, with the one that follows; a missed one is only to be moved on. Other instances are called too: one of them moves it. */
export type OnDue = (due: Scheduled, how: { readonly next: Date; readonly missed: boolean }) => Promise<void>;

/** The first time of a schedule after another, in UTC. */
export const timeAfter = (cron: string, after: Date): Date => new Cron(cron, { timezone: 'UTC' }).nextRun(after) ?? NEVER;

const NEVER = new Date('9999-12-31T00:00:00Z');

/** Waits for the times of schedules, by the clock of the database where instances share one: theirs may be wrong. */
export class ScheduleClock {
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #stopListening: () => void = () => undefined;
  #onDue: OnDue | undefined;
  #closed = false;

  constructor(
    private readonly schedules: ScheduleStore,
    private readonly home: ScheduleHome,
    private readonly onError: (error: unknown) => void,
  ) {}

  async start(onDue: OnDue): Promise<void> {
    this.#onDue = onDue;
    this.#stopListening = this.home.signals.listen(CHANGED, { heard: () => void this.#tick(), missed: () => void this.#tick() });
    await this.#tick();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stopListening();
    await this.#last;
  }

  /** Sets the schedules of a pipeline; none where it is paused. */
  async set(pipeline: string, crons: readonly { readonly trigger: string; readonly cron: string }[]): Promise<void> {
    const now = await this.home.leases.now();
    await this.schedules.set(pipeline, crons.map(({ trigger, cron }) => ({ trigger, pipeline, cron, nextTime: timeAfter(cron, now) })));
    this.home.signals.send(CHANGED, pipeline);
    await this.#tick();
  }

  /** Fires what is due and waits for what comes next; one look after another. */
  #tick(): Promise<void> {
    const turn = this.#last.then(async () => {
      clearTimeout(this.#timer);
      if (this.#closed || !this.#onDue) return;
      let wait = RETRY_MS;
      try {
        wait = await this.#fire(this.#onDue);
      } catch (error) {
        this.onError(error);
      }
      if (!this.#closed) this.#timer = setTimeout(() => void this.#tick(), wait).unref();
    });
    this.#last = turn;
    return turn;
  }

  /** Fires until nothing is due; gives how long to wait. */
  async #fire(onDue: OnDue): Promise<number> {
    for (;;) {
      const now = await this.home.leases.now();
      const due = await this.schedules.due(now);
      const oldest = now.getTime() - MISFIRE_MS;
      for (const schedule of due) {
        const missed = schedule.nextTime.getTime() < oldest;
        await onDue(schedule, { next: timeAfter(schedule.cron, missed ? new Date(oldest) : schedule.nextTime), missed });
      }
      if (due.length > 0 && !this.#closed) continue;
      const earliest = await this.schedules.earliest();
      const wait = earliest === undefined ? MAX_TIMER_MS : Math.max(0, earliest.getTime() - now.getTime());
      return Math.min(wait, this.home.shared ? LOOK_MS : MAX_TIMER_MS);
    }
  }
}
