import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { MonitorTables } from './migrations.js';
import type { Monitor } from './monitor.js';

/** Where monitors are kept. */
export class MonitorStore {
  constructor(private readonly store: Store<MonitorTables>) {}

  async find(monitor: string): Promise<Monitor | undefined> {
    const row = await this.store.db.selectFrom('monitor').select('body').where('monitor', '=', monitor).executeTakeFirst();
    return row && revive(row.body);
  }

  /** The monitors of an endpoint. */
  async ofEndpoint(endpoint: string): Promise<readonly Monitor[]> {
    const rows = await this.store.db.selectFrom('monitor').select('body').where('endpoint', '=', endpoint).orderBy('monitor').execute();
    return rows.map(({ body }) => revive(body));
  }

  /** By name, one more than the page holds. */
  async list(page: PageRequest): Promise<readonly Monitor[]> {
    const rows = await this.store.db.selectFrom('monitor').select('body').where('monitor', '>', page.after ?? '').orderBy('monitor').limit(page.size + 1).execute();
    return rows.map(({ body }) => revive(body));
  }

  async save({ monitor, endpoint, revision, ...rest }: Monitor): Promise<void> {
    const row = { monitor, endpoint, revision, body: canonicalJson({ monitor, endpoint, revision, ...rest }) };
    await this.store.db.insertInto('monitor').values(row).onConflict((conflict) => conflict.column('monitor').doUpdateSet({ endpoint, revision, body: row.body })).execute();
  }
}

function revive(body: string): Monitor {
  const monitor = parseCanonicalJson(body) as Monitor;
  return { ...monitor, createTime: new Date(monitor.createTime) };
}
