import { type PageRequest, parseCanonicalJson } from '@millrace/core';
import { isSqlite, type Store } from '@millrace/store';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { Run } from './experiment.js';
import type { RegistryTables } from './migrations.js';
import { columnId, type RunColumn, type ValueKind } from './run-column.js';
import type { Condition, RunOrder } from './run-filter.js';

/** Which runs of an experiment are wanted, and in which order. */
export interface RunQuestion {
  readonly conditions: readonly Condition[];
  /** Undefined means newest first. */
  readonly order: RunOrder | undefined;
  readonly page: PageRequest;
  readonly skip: number;
}

/** The runs of a page and one more, each with what the next page starts after, and how many there are on all pages. */
export interface FoundRuns {
  readonly found: readonly { readonly run: Run; readonly key: string }[];
  readonly total: number;
}

interface Hit {
  readonly run: string;
  readonly key: string;
}

/** What the next page starts after: a place among the values of a column, or, behind all values, a run. */
interface After {
  readonly place: Uint8Array | undefined;
  readonly run: string;
}

/** Finds runs by their values: columns are read, and the bodies of runs for the page only. */
export class RunSearchStore {
  constructor(private readonly store: Store<RegistryTables>) {}

  async find(experiment: string, question: RunQuestion): Promise<FoundRuns> {
    const { page, conditions } = question;
    const [first, ...others] = conditions;
    const asked: Asked = { experiment, ...question, size: page.size + 1, after: page.after === undefined ? undefined : parseAfter(page.after) };
    const { hits, total } = await (first ? this.#fitting(asked, first, others) : this.#all(asked));
    const bodies = await this.#bodies(hits.map(({ run }) => run));
    return { total, found: hits.flatMap((hit) => bodyOf(hit, bodies)) };
  }

  /** Params, metrics, tags, each by name; one more than the page holds. */
  async columns(experiment: string, page: PageRequest): Promise<readonly RunColumn[]> {
    const rows = await this.store.db.selectFrom('run_column').select(['kind', 'key']).where('experiment', '=', experiment).execute();
    // A few hundred at most, and in an order that no collation of a database changes.
    const all = rows.map(({ kind, key }): RunColumn => ({ kind: kind as ValueKind, key })).sort((a, b) => (columnKey(a) < columnKey(b) ? -1 : 1));
    return all.filter((column) => page.after === undefined || columnKey(column) > page.after).slice(0, page.size + 1);
  }

  async #all(asked: Asked): Promise<Hits> {
    const { rows } = await this.store.db.selectFrom('run').select(sql<Count>`count(*)`.as('rows')).where('experiment', '=', asked.experiment).executeTakeFirstOrThrow();
    return { total: Number(rows), hits: await (asked.order ? this.#sorted(asked, asked.order) : this.#newest(asked, undefined)) };
  }

  /** Runs with a value of the column by that, then those without one. */
  async #sorted(asked: Asked, { column, descending }: RunOrder): Promise<readonly Hit[]> {
    const { experiment, size, after, skip } = asked;
    const id = columnId(experiment, column);
    if (after && after.place === undefined) return this.#newest(asked, id);
    const way = descending ? 'desc' : 'asc';
    let query = this.store.db.selectFrom('run_value').where('column_id', '=', id);
    if (after?.place !== undefined) query = query.where(sql<SqlBool>`(place, run) ${sql.raw(descending ? '<' : '>')} (${after.place}, ${after.run})`);
    const rows = await query.select(['run', 'place']).orderBy('place', way).orderBy('run', way).limit(size).offset(skip).execute();
    const hits = rows.map(toHit);
    if (hits.length === size) return hits;
    const passed = rows.length > 0 || skip === 0 ? skip : Number((await query.select(sql<Count>`count(*)`.as('rows')).executeTakeFirstOrThrow()).rows);
    return [...hits, ...(await this.#newest({ ...asked, after: undefined, size: size - hits.length, skip: skip - passed }, id))];
  }

  /** Newest first; with a column only the runs that have no value of it. */
  async #newest({ experiment, size, after, skip }: Asked, without: string | undefined): Promise<readonly Hit[]> {
    let query = this.store.db.selectFrom('run').select('run').where('experiment', '=', experiment);
    if (after) query = query.where('run', '<', after.run);
    if (without !== undefined) query = query.where(sql<SqlBool>`not exists (select 1 from run_value as v where v.column_id = ${without} and v.run = run.run)`);
    return (await query.orderBy('run', 'desc').limit(size).offset(skip).execute()).map(toHit);
  }

  /** Runs that meet every condition, counted and sorted in one pass: from the values of the first column, each looked up in the others until one does not fit. */
  async #fitting(asked: Asked, first: Condition, others: readonly Condition[]): Promise<Hits> {
    const { experiment, order, size, after, skip } = asked;
    const met = others.map((condition) => sql`and exists (select 1 from run_value as v where v.column_id = ${columnId(experiment, condition.column)} and v.run = f.run and ${this.#lies(condition)})`);
    const place = order ? sql`s.place` : sql`f.place`;
    const joined = order ? sql`left join run_value as s on s.column_id = ${columnId(experiment, order.column)} and s.run = f.run` : sql``;
    const fit = sql`select f.run, ${place} as place, count(*) over () as total from run_value as f ${joined} where f.column_id = ${columnId(experiment, first.column)} and ${this.#lies(first, 'f')} ${sql.join(met, sql` `)}`;
    const by = order ? inOrder(order, after) : { sorted: sql`run desc`, later: after ? sql`run < ${after.run}` : sql`1 = 1` };
    const { rows } = await sql<{ run: string; place: Uint8Array | null; total: Count }>`select run, place, total from (${fit}) as found where ${by.later} order by ${by.sorted} limit ${size} offset ${skip}`.execute(this.store.db);
    // A page behind the last run has no row that could tell how many there are.
    const total = rows[0]?.total ?? (skip === 0 && after === undefined ? 0 : ((await sql<{ total: Count }>`select total from (${fit}) as found limit 1`.execute(this.store.db)).rows[0]?.total ?? 0));
    return { total: Number(total), hits: rows.map(({ run, place: found }) => toHit(order && found ? { run, place: found } : { run })) };
  }

  async #bodies(runs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (runs.length === 0) return new Map();
    const rows = await this.store.db.selectFrom('run').select(['run', 'body']).where('run', 'in', runs).execute();
    return new Map(rows.map(({ run, body }) => [run, body]));
  }

  #lies(condition: Condition, table = 'v'): RawBuilder<unknown> {
    const place = sql.ref(`${table}.place`);
    if ('holds' in condition) return isSqlite(this.store.db) ? sql`instr(${place}, ${condition.holds}) > 0` : sql`position(${condition.holds}::bytea in ${place}) > 0`;
    const { from, to, not } = condition;
    return not ? sql`not (${place} >= ${from} and ${place} < ${to})` : sql`${place} >= ${from} and ${place} < ${to}`;
  }
}

interface Asked extends Omit<RunQuestion, 'page'> {
  readonly experiment: string;
  readonly size: number;
  readonly after: After | undefined;
}

interface Hits {
  readonly hits: readonly Hit[];
  readonly total: number;
}

/** As the databases count. */
type Count = number | bigint | string;

/** Those with a place by it, then those without one, newest first; and what comes later than a page. */
function inOrder({ descending }: RunOrder, after: After | undefined): { readonly sorted: RawBuilder<unknown>; readonly later: RawBuilder<unknown> } {
  const way = sql.raw(descending ? 'desc' : 'asc');
  const sorted = sql`place is null, place ${way}, case when place is not null then run end ${way}, run desc`;
  if (!after) return { sorted, later: sql`1 = 1` };
  if (after.place === undefined) return { sorted, later: sql`place is null and run < ${after.run}` };
  return { sorted, later: sql`(place is null or (place, run) ${sql.raw(descending ? '<' : '>')} (${after.place}, ${after.run}))` };
}

const toHit = ({ run, place }: { readonly run: string; readonly place?: Uint8Array }): Hit => ({ run, key: place ? `v ${Buffer.from(place).toString('hex')} ${run}` : `m ${run}` });

function bodyOf({ run, key }: Hit, bodies: ReadonlyMap<string, string>): readonly { readonly run: Run; readonly key: string }[] {
  const body = bodies.get(run);
  return body === undefined ? [] : [{ run: parseCanonicalJson(body) as Run, key }];
}

const ORDER: Record<ValueKind, number> = { field: 0, param: 1, metric: 2, tag: 3 };

/** By what columns are listed, and what the next page of them starts after. */
export const columnKey = ({ kind, key }: RunColumn): string => `${ORDER[kind]} ${key}`;

function parseAfter(key: string): After {
  const [kind, ...rest] = key.split(' ');
  return kind === 'v' ? { place: Buffer.from(rest[0] ?? '', 'hex'), run: rest[1] ?? '' } : { place: undefined, run: rest[0] ?? '' };
}
