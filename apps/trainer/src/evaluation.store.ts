import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { TrainerTables } from './migrations.js';
import type { Evaluation } from './training-job.js';

/** Where evaluations are kept. */
export class EvaluationStore {
  constructor(private readonly store: Store<TrainerTables>) {}

  /** Adds one within the transaction that ends its job. */
  static async add(tx: Kysely<TrainerTables>, evaluation: Evaluation): Promise<void> {
    await tx.insertInto('evaluation').values({ id: evaluation.id, body: canonicalJson(evaluation) }).execute();
  }

  async find(id: string): Promise<Evaluation | undefined> {
    const row = await this.store.db.selectFrom('evaluation').select('body').where('id', '=', id).executeTakeFirst();
    return row && revive(row.body);
  }

  /** Newest first, one more than the page holds. An evaluation has the id of its job. */
  async list(job: string | undefined, page: PageRequest): Promise<readonly Evaluation[]> {
    let query = this.store.db.selectFrom('evaluation').select('body').orderBy('id', 'desc').limit(page.size + 1);
    if (job !== undefined) query = query.where('id', '=', job);
    if (page.after !== undefined) query = query.where('id', '<', page.after);
    return (await query.execute()).map(({ body }) => revive(body));
  }
}

function revive(body: string): Evaluation {
  const evaluation = parseCanonicalJson(body) as Evaluation;
  return { ...evaluation, createTime: new Date(evaluation.createTime) };
}
