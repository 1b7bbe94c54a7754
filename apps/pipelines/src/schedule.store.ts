import type { Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { PipelinesTables } from './migrations.js';

/** When a trigger fires next by the clock. */
export interface Scheduled {
  readonly trigger: string;
  readonly pipeline: string;
  readonly cron: string;
  readonly nextTime: Date;
}

type ScheduleRow = PipelinesTables['schedule'];

/** Where the next time of each schedule is kept: whichever instance moves it from one time to the next has fired that time. */
export class ScheduleStore {
  constructor(private readonly store: Store<PipelinesTables>) {}

  /** Makes the schedules of a pipeline those that are wanted; one that is there with the same times keeps its next one, which may be due already. */
  async set(pipeline: string, wanted: readonly Scheduled[]): Promise<void> {
    await this.store.write(async (tx) => {
      const rows = await tx.selectFrom('schedule').selectAll().where('pipeline', '=', pipeline).execute();
      // A later one than the clock says now comes from a clock that was wrong.
      const stays = (row: ScheduleRow): boolean => wanted.some(({ trigger, cron, nextTime }) => trigger === row.trigger && cron === row.cron && row.next_time <= nextTime);
      for (const row of rows) if (!stays(row)) await tx.deleteFrom('schedule').where('trigger', '=', row.trigger).execute();
      const there = new Set(rows.filter(stays).map(({ trigger }) => trigger));
      for (const { trigger, cron, nextTime } of wanted) if (!there.has(trigger)) await tx.insertInto('schedule').values({ trigger, pipeline, cron, next_time: nextTime }).execute();
    });
  }

  async of(pipeline: string): Promise<readonly Scheduled[]> {
    return (await this.store.db.selectFrom('schedule').selectAll().where('pipeline', '=', pipeline).execute()).map(fromRow);
  }

  /** Whose time has come, the oldest first. */
  async due(now: Date): Promise<readonly Scheduled[]> {
    return (await this.store.db.selectFrom('schedule').selectAll().where('next_time', '<=', now).orderBy('next_time').orderBy('trigger').execute()).map(fromRow);
  }

  /** The next time of any. */
  async earliest(): Promise<Date | undefined> {
    return (await this.store.db.selectFrom('schedule').select('next_time').orderBy('next_time').limit(1).executeTakeFirst())?.next_time;
  }

  /** Within a transaction: moves a schedule to a later time; false where another instance has, or where it is gone. */
  static async advance(tx: Kysely<PipelinesTables>, { trigger, nextTime }: Scheduled, to: Date): Promise<boolean> {
    const { numUpdatedRows } = await tx.updateTable('schedule').set({ next_time: to }).where('trigger', '=', trigger).where('next_time', '=', nextTime).executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }
}

const fromRow = ({ trigger, pipeline, cron, next_time }: ScheduleRow): Scheduled => ({ trigger, pipeline, cron, nextTime: next_time });
