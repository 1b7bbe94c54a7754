import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { MonitorTables } from './migrations.js';
import type { ReportWindow } from './report-window.js';

/** Where windows are kept. */
export class ReportWindowStore {
  constructor(private readonly store: Store<MonitorTables>) {}

  async find(report: string): Promise<ReportWindow | undefined> {
    const row = await this.store.db.selectFrom('report_window').select('body').where('report', '=', report).executeTakeFirst();
    return row && (parseCanonicalJson(row.body) as ReportWindow);
  }

  /** Newest window first, one more than the page holds; the page's key is the start. */
  async list(monitor: string, page: PageRequest): Promise<readonly ReportWindow[]> {
    let query = this.store.db.selectFrom('report_window').select('body').where('monitor', '=', monitor).orderBy('start', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('start', '<', Number(page.after));
    return (await query.execute()).map(({ body }) => parseCanonicalJson(body) as ReportWindow);
  }

  /** Starts of open windows that begin before a time, oldest first. */
  async open(monitor: string, before: number): Promise<readonly number[]> {
    const rows = await this.store.db.selectFrom('report_window').select('start').where('monitor', '=', monitor).where('state', '=', 'OPEN').where('start', '<', before).orderBy('start').execute();
    return rows.map(({ start }) => start);
  }

  /** One window within a transaction. */
  static async at(tx: Kysely<MonitorTables>, monitor: string, start: number): Promise<ReportWindow | undefined> {
    const row = await tx.selectFrom('report_window').select('body').where('monitor', '=', monitor).where('start', '=', start).executeTakeFirst();
    return row && (parseCanonicalJson(row.body) as ReportWindow);
  }

  /** Keeps a window within a transaction. */
  static async put(tx: Kysely<MonitorTables>, window: ReportWindow): Promise<void> {
    const { report, monitor, from: start, state } = window;
    const body = canonicalJson(window);
    await tx.insertInto('report_window').values({ report, monitor, start, state, body }).onConflict((conflict) => conflict.column('report').doUpdateSet({ state, body })).execute();
  }
}
