import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Transaction } from 'kysely';
import { valuesOf } from './feature-view.js';
import type { AnyView } from './on-demand-view.js';

export interface ViewVersionTables {
  view_version: { view: string; version: number; body: string; create_time: Date };
}

/** A view as it was when one of its versions began. */
export interface ViewVersion {
  readonly version: number;
  readonly body: AnyView;
  readonly createTime: Date;
}

/** Where it is kept what views were. */
export class ViewVersionStore {
  constructor(private readonly store: Store<ViewVersionTables>) {}

  /** Counts a version up when the view gives other values than it did. */
  static async record(tx: Transaction<ViewVersionTables>, body: AnyView, now: Date): Promise<void> {
    const last = await tx.selectFrom('view_version').select(['version', 'body']).where('view', '=', body.view).orderBy('version', 'desc').limit(1).executeTakeFirst();
    if (last && valuesOf(parseCanonicalJson(last.body) as AnyView) === valuesOf(body)) return;
    await tx.insertInto('view_version').values({ view: body.view, version: (last?.version ?? 0) + 1, body: canonicalJson(body), create_time: now }).execute();
  }

  /** A view of the same name that comes later begins with its first version. */
  static async forget(tx: Transaction<ViewVersionTables>, view: string): Promise<void> {
    await tx.deleteFrom('view_version').where('view', '=', view).execute();
  }

  /** The number of the newest version of each view. */
  async newest(views: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (views.length === 0) return new Map();
    const rows = await this.store.db.selectFrom('view_version').select(({ fn }) => ['view', fn.max('version').as('version')]).where('view', 'in', views).groupBy('view').execute();
    return new Map(rows.map(({ view, version }) => [view, Number(version)]));
  }

  /** What a view was at a time; undefined before its first version. */
  async at(view: string, time: Date): Promise<AnyView | undefined> {
    const row = await this.store.db.selectFrom('view_version').select('body').where('view', '=', view).where('create_time', '<=', time).orderBy('version', 'desc').limit(1).executeTakeFirst();
    return row && (parseCanonicalJson(row.body) as AnyView);
  }

  /** Newest first, one more than the page holds. */
  async list(view: string, page: PageRequest): Promise<readonly ViewVersion[]> {
    let query = this.store.db.selectFrom('view_version').selectAll().where('view', '=', view).orderBy('version', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('version', '<', Number(page.after));
    return (await query.execute()).map(({ version, body, create_time }) => ({ version, body: parseCanonicalJson(body) as AnyView, createTime: create_time }));
  }
}
