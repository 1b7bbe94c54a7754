import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { PipelinesTables } from './migrations.js';
import type { Firing } from './trigger.js';

const CONSUMER = 'triggers';

/** Where firings are kept. */
export class FiringStore {
  constructor(private readonly store: Store<PipelinesTables>) {}

  /** Keeps what an event fired, once however often the event comes; older firings of the same triggers that were held give way. */
  async addOnce(eventId: string, firings: readonly Firing[]): Promise<boolean> {
    return this.store.once(CONSUMER, eventId, async (tx) => {
      for (const firing of firings) {
        const held = await tx.selectFrom('firing').select('body').where('pipeline', '=', firing.pipeline).where('trigger', '=', firing.trigger).where('decision', '=', 'HELD').execute();
        for (const { body } of held) {
          const older: Firing = { ...revive(body), decision: 'DROPPED', why: `firings/${firing.id} took its place`, updateTime: firing.createTime };
          await tx.updateTable('firing').set({ decision: older.decision, body: canonicalJson(older) }).where('id', '=', older.id).execute();
        }
        await tx.insertInto('firing').values(toRow(firing)).execute();
      }
    });
  }

  async save(firing: Firing): Promise<void> {
    const { decision, body } = toRow(firing);
    await this.store.db.updateTable('firing').set({ decision, body }).where('id', '=', firing.id).execute();
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

const toRow = (firing: Firing) => ({ id: firing.id, trigger: firing.trigger, pipeline: firing.pipeline, decision: firing.decision, body: canonicalJson(firing) });

function revive(body: string): Firing {
  const firing = parseCanonicalJson(body) as Firing;
  return { ...firing, createTime: new Date(firing.createTime), updateTime: new Date(firing.updateTime) };
}
