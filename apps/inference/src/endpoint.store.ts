import { canonicalJson, type EventRecord, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import { type Endpoint, endpointName } from './endpoint.js';
import { errors } from './errors.js';
import type { InferenceTables } from './migrations.js';

/** Where endpoints are kept. */
export class EndpointStore {
  constructor(private readonly store: Store<InferenceTables>) {}

  async find(endpoint: string): Promise<Endpoint | undefined> {
    const row = await this.store.db.selectFrom('endpoint').select('body').where('endpoint', '=', endpoint).executeTakeFirst();
    return row && revive(row.body);
  }

  /** By name, one more than the page holds. */
  async list({ deleted }: { readonly deleted: boolean }, page: PageRequest): Promise<readonly Endpoint[]> {
    let query = this.store.db.selectFrom('endpoint').select('body').where('endpoint', '>', page.after ?? '').orderBy('endpoint').limit(page.size + 1);
    if (!deleted) query = query.where('delete_time', 'is', null);
    return (await query.execute()).map(({ body }) => revive(body));
  }

  /** All, also those that were deleted. */
  async all(): Promise<readonly Endpoint[]> {
    const rows = await this.store.db.selectFrom('endpoint').select('body').orderBy('endpoint').execute();
    return rows.map(({ body }) => revive(body));
  }

  /** Saves an endpoint and its events in one transaction; ENDPOINT_CHANGED where it is not the next revision of what is kept. */
  async save(endpoint: Endpoint, events: readonly EventRecord[]): Promise<void> {
    const row = { body: canonicalJson(endpoint), delete_time: endpoint.deletion?.time ?? null };
    await this.store.write(async (tx, emit) => {
      const kept = await tx.selectFrom('endpoint').select('body').where('endpoint', '=', endpoint.endpoint).executeTakeFirst();
      if ((kept ? revive(kept.body).revision : 0) !== endpoint.revision - 1) throw errors.ENDPOINT_CHANGED({ name: endpointName.format(endpoint) });
      await tx.insertInto('endpoint').values({ endpoint: endpoint.endpoint, ...row }).onConflict((conflict) => conflict.column('endpoint').doUpdateSet(row)).execute();
      events.forEach((event) => emit(event));
    });
  }
}

function revive(body: string): Endpoint {
  const { deletion, ...endpoint } = parseCanonicalJson(body) as Endpoint;
  return { ...endpoint, createTime: new Date(endpoint.createTime), ...(deletion && { deletion: { ...deletion, time: new Date(deletion.time) } }) };
}
