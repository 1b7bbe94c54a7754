import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { expectOneRow, type Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { Alert, AlertKind } from './alert.js';
import { errors } from './errors.js';
import type { MonitorTables } from './migrations.js';
import { alertName } from './monitor.js';

/** Which alerts a list shows. */
export interface AlertFilter {
  readonly endpoint?: string | undefined;
  readonly monitor?: string | undefined;
  readonly state?: string | undefined;
}

/** Where alerts are kept. */
export class AlertStore {
  constructor(private readonly store: Store<MonitorTables>) {}

  async find(alert: string): Promise<Alert | undefined> {
    const row = await this.store.db.selectFrom('alert').select('body').where('alert', '=', alert).executeTakeFirst();
    return row && revive(row.body);
  }

  /** Newest first, one more than the page holds. */
  async list({ endpoint, monitor, state }: AlertFilter, page: PageRequest): Promise<readonly Alert[]> {
    let query = this.store.db.selectFrom('alert').select('body').orderBy('alert', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('alert', '<', page.after);
    if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
    if (monitor !== undefined) query = query.where('monitor', '=', monitor);
    if (state !== undefined) query = query.where('state', '=', state);
    return (await query.execute()).map(({ body }) => revive(body));
  }

  /** Saves a change that a person made; ALERT_CHANGED where something was faster. */
  async change(alert: Alert): Promise<void> {
    await this.store.write(async (tx) => {
      const kept = await tx.selectFrom('alert').select('body').where('alert', '=', alert.alert).executeTakeFirst();
      const stale = errors.ALERT_CHANGED({ name: alertName.format(alert) });
      if (!kept || revive(kept.body).revision !== alert.revision - 1) throw stale;
      expectOneRow(await tx.updateTable('alert').set({ state: alert.state, body: canonicalJson(alert) }).where('alert', '=', alert.alert).execute(), stale);
    });
  }

  /** The alert of a kind that is not resolved, within a transaction. */
  static async open(tx: Kysely<MonitorTables>, monitor: string, kind: AlertKind): Promise<Alert | undefined> {
    const row = await tx.selectFrom('alert').select('body').where('monitor', '=', monitor).where('kind', '=', kind).where('state', '!=', 'RESOLVED').executeTakeFirst();
    return row && revive(row.body);
  }

  /** Keeps an alert within a transaction. */
  static async put(tx: Kysely<MonitorTables>, alert: Alert): Promise<void> {
    const { monitor, endpoint, kind, state } = alert;
    const body = canonicalJson(alert);
    await tx.insertInto('alert').values({ alert: alert.alert, monitor, endpoint, kind, state, body }).onConflict((conflict) => conflict.column('alert').doUpdateSet({ state, body })).execute();
  }
}

function revive(body: string): Alert {
  const alert = parseCanonicalJson(body) as Alert;
  return { ...alert, createTime: new Date(alert.createTime), updateTime: new Date(alert.updateTime) };
}
