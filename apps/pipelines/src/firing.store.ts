import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Transaction } from 'kysely';
import type { PipelinesTables } from './migrations.js';
import { type Scheduled, ScheduleStore } from './schedule.store.js';
import type { Firing } from './trigger.js';

const CONSUMER = 'triggers';

/** Where firings are kept. */
export class FiringStore {
  constructor(private readonly store: Store<PipelinesTables>) {}

  /** Keeps what an event fired, once however often the event comes; older firings of the same triggers that were held give way. */
  addOnce(eventId: string, firings: readonly Firing[]): Promise<boolean> {
    return this.store.once(CONSUMER, eventId, async (tx) => {
      for (const firing of firings) await add(tx, firing);
    });
  }

  /** Keeps what a schedule fired and moves it to its next time; false where another instance was quicker. Without a firing it is only moved. */
  async addScheduled(due: Scheduled, { next, firing }: { readonly next: Date; readonly firing: Firing | undefined }): Promise<boolean> {
    return this.store.write(async (tx) => {
      if (!(await ScheduleStore.advance(tx, due, next))) return false;
      if (firing) await add(tx, firing);
      return firing !== undefined;
    });
  }

  /** Decides, in one transaction with whatever that starts, what becomes of a firing that is held; false where it is not held any more. */
  async settle(id: string, decide: (firing: Firing, tx: Transaction<PipelinesTables>) => Promise<Firing>): Promise<boolean> {
    return this.store.write(async (tx) => {
      const found = await tx.selectFrom('firing').select('body').where('id', '=', id).where('decision', '=', 'HELD').executeTakeFirst();
      if (!found) return false;
      const { decision, body } = toRow(await decide(revive(found.body), tx));
      if (body !== found.body) await tx.updateTable('firing').set({ decision, body }).where('id', '=', id).execute();
      return true;
    });
  }

  /** Pipelines of which something is held. */
  async pipelinesHeld(): Promise<readonly string[]> {
    const rows = await this.store.db.selectFrom('firing').select('pipeline').distinct().where('decision', '=', 'HELD').execute();
    return rows.map(({ pipeline }) => pipeline);
  }

  /** Firings of a pipeline that wait for their reason to go away, oldest first. */
  async held(pipeline: string): Promise<readonly Firing[]> {
    const rows = await this.store.db.selectFrom('firing').select('body').where('pipeline', '=', pipeline).where('decision', '=', 'HELD').orderBy('id').execute();
    return rows.map(({ body }) => revive(body));
  }

  /** Newest first, one more than the page holds. */
  async list({ pipeline, decision }: { readonly pipeline?: string | undefined; readonly decision?: string | undefined }, page: PageRequest): Promise<readonly Firing[]> {
    let query = this.store.db.selectFrom('firing').select('body').orderBy('id', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('id', '<', page.after);
    if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
    if (decision !== undefined) query = query.where('decision', '=', decision);
    return (await query.execute()).map(({ body }) => revive(body));
  }
}

async function add(tx: Transaction<PipelinesTables>, firing: Firing): Promise<void> {
  const held = await tx.selectFrom('firing').select('body').where('pipeline', '=', firing.pipeline).where('trigger', '=', firing.trigger).where('decision', '=', 'HELD').execute();
  for (const { body } of held) {
    const older: Firing = { ...revive(body), decision: 'DROPPED', why: `firings/${firing.id} took its place`, updateTime: firing.createTime };
    await tx.updateTable('firing').set({ decision: older.decision, body: canonicalJson(older) }).where('id', '=', older.id).execute();
  }
  await tx.insertInto('firing').values(toRow(firing)).execute();
}

const toRow = (firing: Firing) => ({ id: firing.id, trigger: firing.trigger, pipeline: firing.pipeline, decision: firing.decision, body: canonicalJson(firing) });

function revive(body: string): Firing {
  const firing = parseCanonicalJson(body) as Firing;
  return { ...firing, createTime: new Date(firing.createTime), updateTime: new Date(firing.updateTime), dueTime: firing.dueTime && new Date(firing.dueTime) };
}
