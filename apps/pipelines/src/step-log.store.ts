import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Transaction } from 'kysely';
import type { PipelinesTables } from './migrations.js';
import { admit, emptyHead, isOver, type Said, type StepLine, type StepLogHead, trim } from './step-log.js';

const CONSUMER = 'step-logs';

/** Where it is kept what the steps of runs have said. */
export class StepLogStore {
  constructor(private readonly store: Store<PipelinesTables>) {}

  /** Keeps what an event tells, once however often the event comes. */
  addOnce(eventId: string, { run, said, now }: { readonly run: string; readonly said: Said; readonly now: Date }): Promise<boolean> {
    return this.store.once(CONSUMER, eventId, (tx) => append(tx, run, { said, now }));
  }

  async add(run: string, said: Said, now: Date): Promise<void> {
    await this.store.write((tx) => append(tx, run, { said, now }));
  }

  /** In the order of the run, one more than the page holds. */
  async list(run: string, step: string, page: PageRequest): Promise<readonly StepLine[]> {
    return this.after(run, { step, after: Number(page.after ?? -1), size: page.size + 1 });
  }

  /** What comes after a position; an empty step means every step. */
  async after(run: string, { step, after, size }: { readonly step: string; readonly after: number; readonly size: number }): Promise<readonly StepLine[]> {
    let query = this.store.db.selectFrom('step_log').selectAll().where('run', '=', run).where('position', '>', BigInt(after)).orderBy('position').limit(size);
    if (step !== '') query = query.where('step', '=', step);
    return (await query.execute()).map(revive);
  }

  /** Forgets the logs of runs whose steps have said nothing since then; gives how many. */
  async forgetBefore(time: Date): Promise<number> {
    return this.store.write(async (tx) => {
      const old = await tx.selectFrom('step_log_head').select('run').where('time', '<', time).execute();
      for (const { run } of old) {
        await tx.deleteFrom('step_log').where('run', '=', run).execute();
        await tx.deleteFrom('step_log_head').where('run', '=', run).execute();
      }
      return old.length;
    });
  }
}

/** One at a time for a run: the head is taken first, so that positions are seen in their order. */
async function append(tx: Transaction<PipelinesTables>, run: string, { said, now }: { readonly said: Said; readonly now: Date }): Promise<void> {
  await tx
    .insertInto('step_log_head')
    .values({ run, time: now, body: canonicalJson(emptyHead(run)) })
    .onConflict((conflict) => conflict.column('run').doUpdateSet({ time: now }))
    .execute();
  const { body } = await tx.selectFrom('step_log_head').select('body').where('run', '=', run).executeTakeFirstOrThrow();
  const { head, added } = admit(parseCanonicalJson(body) as StepLogHead, said);
  if (added.length > 0) await tx.insertInto('step_log').values(added.map((line) => toRow(run, line))).execute();
  await tx.updateTable('step_log_head').set({ body: canonicalJson(await bounded(tx, head, said.step)) }).where('run', '=', run).execute();
}

/** The head after the oldest lines of a step have gone, where it said too much. */
async function bounded(tx: Transaction<PipelinesTables>, head: StepLogHead, step: string): Promise<StepLogHead> {
  const tally = head.steps[step];
  if (!tally || !isOver(tally)) return head;
  const rows = await tx.selectFrom('step_log').selectAll().where('run', '=', head.run).where('step', '=', step).orderBy('position').execute();
  const { tally: left, mark } = trim(tally, rows.map(revive));
  if (!mark) return head;
  await tx.deleteFrom('step_log').where('run', '=', head.run).where('step', '=', step).where('position', '<=', BigInt(mark.position)).execute();
  await tx.insertInto('step_log').values(toRow(head.run, mark)).execute();
  return { ...head, steps: { ...head.steps, [step]: left } };
}

const toRow = (run: string, { position, step, time, text }: StepLine) => ({ run, position: BigInt(position), step, time, text });

const revive = ({ position, step, time, text }: PipelinesTables['step_log']): StepLine => ({ position: Number(position), step, time, text });
