import { type PageRequest, parseCanonicalJson } from '@millrace/core';
import { isSqlite, type Store } from '@millrace/store';
import { type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, sql, type SqlBool } from 'kysely';
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

/** Finds runs by their values: a column is read as a whole, the body of a run only for the page. */
export class RunSearchStore {
  constructor(private readonly store: Store<RegistryTables>) {}

  async find(experiment: string, { conditions, order, page, skip }: RunQuestion): Promise<FoundRuns> {
    const asked = { experiment, conditions, size: page.size + 1, skip, after: page.after === undefined ? undefined : parseAfter(page.after) };
    const hits = await (order ? this.#sorted(order, asked) : this.#newest(asked, undefined));
    const [total, bodies] = [await this.#count(experiment, conditions), await this.#bodies(hits.map(({ run }) => run))];
    return {
      total,
      found: hits.flatMap(({ run, key }) => {
        const body = bodies.get(run);
        return body === undefined ? [] : [{ run: parseCanonicalJson(body) as Run, key }];
      }),
    };
  }

  /** Params, metrics, tags, each by name; one more than the page holds. */
  async columns(experiment: string, page: PageRequest): Promise<readonly RunColumn[]> {
    const rows = await this.store.db.selectFrom('run_column').select(['kind', 'key']).where('experiment', '=', experiment).execute();
    // A few hundred at most, and in an order that no collation of a database changes.
    const all = rows.map(({ kind, key }): RunColumn => ({ kind: kind as ValueKind, key })).sort((a, b) => (columnKey(a) < columnKey(b) ? -1 : 1));
    return all.filter((column) => page.after === undefined || columnKey(column) > page.after).slice(0, page.size + 1);
  }

  /** Runs with a value of the column by that, then those without one, newest first. */
  async #sorted({ column, descending }: RunOrder, asked: Asked): Promise<readonly Hit[]> {
    const { experiment, conditions, size, after, skip } = asked;
    const id = columnId(experiment, column);
    const valued = () => {
      const query = this.store.db.selectFrom('run_value').where('run_value.column_id', '=', id).where((eb) => this.#fits(eb, 'run_value.run', { experiment, conditions }));
      const way = sql.raw(descending ? '<' : '>');
      return after?.place === undefined ? query : query.where(sql<SqlBool>`(run_value.place, run_value.run) ${way} (${after.place}, ${after.run})`);
    };
    if (after && after.place === undefined) return this.#newest(asked, id);
    const way = descending ? 'desc' : 'asc';
    const rows = await valued().select(['run_value.run', 'run_value.place']).orderBy('run_value.place', way).orderBy('run_value.run', way).limit(size).offset(skip).execute();
    const hits = rows.map(({ run, place }) => ({ run, key: `v ${Buffer.from(place).toString('hex')} ${run}` }));
    if (hits.length === size) return hits;
    const passed = rows.length > 0 || skip === 0 ? skip : Number((await valued().select(sql<number | bigint | string>`count(*)`.as('rows')).executeTakeFirstOrThrow()).rows);
    return [...hits, ...(await this.#newest({ ...asked, after: undefined, size: size - hits.length, skip: skip - passed }, id))];
  }

  /** Newest first; with a column only the runs that have no value of it. */
  async #newest({ experiment, conditions, size, after, skip }: Asked, without: string | undefined): Promise<readonly Hit[]> {
    let query = this.store.db.selectFrom('run').select('run.run').where('run.experiment', '=', experiment).where((eb) => this.#fits(eb, 'run.run', { experiment, conditions }));
    if (after) query = query.where('run.run', '<', after.run);
    if (without !== undefined) query = query.where('run.run', 'not in', (eb) => eb.selectFrom('run_value as v').select('v.run').where('v.column_id', '=', without));
    const rows = await query.orderBy('run.run', 'desc').limit(size).offset(skip).execute();
    return rows.map(({ run }) => ({ run, key: `m ${run}` }));
  }

  async #count(experiment: string, conditions: readonly Condition[]): Promise<number> {
    const query = this.store.db.selectFrom('run').select(sql<number | bigint | string>`count(*)`.as('rows')).where('run.experiment', '=', experiment).where((eb) => this.#fits(eb, 'run.run', { experiment, conditions }));
    return Number((await query.executeTakeFirstOrThrow()).rows);
  }

  async #bodies(runs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (runs.length === 0) return new Map();
    const rows = await this.store.db.selectFrom('run').select(['run', 'body']).where('run', 'in', runs).execute();
    return new Map(rows.map(({ run, body }) => [run, body]));
  }

  /** Whether a run meets every condition: each column is read once, and a run looked up among what fits. */
  #fits<Table extends keyof RegistryTables>(eb: ExpressionBuilder<RegistryTables, Table>, run: string, { experiment, conditions }: { readonly experiment: string; readonly conditions: readonly Condition[] }): ExpressionWrapper<RegistryTables, Table, SqlBool> {
    return eb.and(conditions.map((condition) => sql<SqlBool>`${sql.ref(run)} in (select v.run from run_value as v where v.column_id = ${columnId(experiment, condition.column)} and ${this.#lies(condition)})`));
  }

  #lies(condition: Condition): RawBuilder<SqlBool> {
    if ('holds' in condition) return isSqlite(this.store.db) ? sql<SqlBool>`instr(v.place, ${condition.holds}) > 0` : sql<SqlBool>`position(${condition.holds}::bytea in v.place) > 0`;
    const { from, to, not } = condition;
    return not ? sql<SqlBool>`not (v.place >= ${from} and v.place < ${to})` : sql<SqlBool>`v.place >= ${from} and v.place < ${to}`;
  }
}

interface Asked {
  readonly experiment: string;
  readonly conditions: readonly Condition[];
  readonly size: number;
  readonly skip: number;
  readonly after: After | undefined;
}

const ORDER: Record<ValueKind, number> = { field: 0, param: 1, metric: 2, tag: 3 };

/** By what columns are listed, and what the next page of them starts after. */
export const columnKey = ({ kind, key }: RunColumn): string => `${ORDER[kind]} ${key}`;

function parseAfter(key: string): After {
  const [kind, ...rest] = key.split(' ');
  return kind === 'v' ? { place: Buffer.from(rest[0] ?? '', 'hex'), run: rest[1] ?? '' } : { place: undefined, run: rest[0] ?? '' };
}
