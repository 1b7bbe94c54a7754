import { engine, ident, type Tables, text } from '@millrace/tables';
import { type Contract, keyColumns, type KeepPolicy } from '../contract.js';
import { labelOf, type RawTable } from '../reading/raw-table.js';
import type { Stage } from './stage.js';

/** Parquet of the version that is appended to, as a relation. */
export interface Parent {
  readonly relation: string;
  /** Rows of the version that stand before these. */
  readonly offset?: number;
}

/** Rows that repeat a key. */
export interface Duplicates {
  /** Those that another row stands for. */
  readonly dropped: number;
  /** Those of which nobody knows which one is right; they go to the quarantine. */
  readonly disputed: number;
  /** SQL of the good rows without either. */
  readonly kept: string;
}

/** Rows that were dropped, each with the row that stays: in no file, and counted in the version, where that is one of the parent. */
const DROPPED = 'dropped_rows';
const DISPUTED = 'disputed_rows';
/** Hashes that more than one row has. */
const SUSPECTS = 'suspects';

/** SQL over the stage: true for a row of which nobody knows whether it or another of its key is right. */
export const IS_DISPUTED = `_at IN (SELECT _at FROM ${DISPUTED})`;

/**
 * Finds the good rows that repeat a key, by the contract's keep policy.
 * A hash of the key only narrows the search; what counts as equal are the key's cells themselves (missing equals missing).
 */
export async function findDuplicates(tables: Tables, contract: Contract, { good, parent, signal }: { good: string; parent: Parent | undefined; signal: AbortSignal }): Promise<Duplicates> {
  const key = keyColumns(contract).map(ident);
  await tables.run(`CREATE OR REPLACE TEMP TABLE ${DROPPED} (_at BIGINT, _kept_file INTEGER, _kept_row BIGINT)`);
  await tables.run(`CREATE OR REPLACE TEMP TABLE ${DISPUTED} (_at BIGINT)`);
  const note = (table: string, rows: string): Promise<number> => tables.run(`INSERT INTO ${table} ${rows}`, { signal });
  let dropped = parent ? await note(DROPPED, await knownRows(tables, { good, parent, key, signal })) : 0;
  // What the parent holds is settled; only the others can be in dispute.
  const fresh = without(DROPPED, dropped, good);
  await tables.run(`CREATE OR REPLACE TEMP TABLE ${SUSPECTS} (_hash ${engine.hashType})`);
  if ((await note(SUSPECTS, `SELECT _hash FROM ${fresh} GROUP BY _hash HAVING count(*) > 1`)) === 0) return { dropped, disputed: 0, kept: fresh };
  const list = key.join(', ');
  const suspects = `${fresh} WHERE _hash IN (SELECT _hash FROM ${SUSPECTS})`;
  let disputed = 0;
  if (contract.keep === 'NONE') disputed = await note(DISPUTED, `SELECT _at FROM (SELECT _at, count(*) OVER (PARTITION BY ${list}) > 1 AS again FROM ${suspects}) WHERE again`);
  else {
    const order = `(PARTITION BY ${list} ORDER BY ${ORDER[contract.keep](ident(contract.newestBy ?? contract.eventTime))} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
    dropped += await note(DROPPED, `SELECT _at, _kept_file, _kept_row FROM (SELECT _at, first_value(_file) OVER w AS _kept_file, first_value(_row) OVER w AS _kept_row, row_number() OVER w AS n FROM ${suspects} WINDOW w AS ${order}) WHERE n > 1`);
  }
  return { dropped, disputed, kept: without(DROPPED, dropped, without(DISPUTED, disputed, good)) };
}

/** SQL of the dropped rows, each with the row that stays, and every column as text. */
export function duplicatesSql(contract: Contract, { stage, raws, parent }: { stage: Stage; raws: readonly RawTable[]; parent: string }): string {
  const cells = contract.columns.map(({ name }) => `CAST(${ident(name)} AS VARCHAR) AS ${ident(name)}`);
  const kept = [`coalesce(${labelOf(raws, '_kept_file')}, '') AS _kept_file`, '_kept_row', `CASE WHEN _kept_file IS NULL THEN ${text(parent)} ELSE '' END AS _kept_version`];
  return `SELECT ${[`${labelOf(raws, '_file')} AS _file`, '_row', ...kept, ...cells].join(', ')} FROM ${stage.table} JOIN ${DROPPED} USING (_at) ORDER BY _file, _row`;
}

/** Rows that do not stand in a table, which has `count` of them, by their place. */
const without = (table: string, count: number, rows: string): string => (count === 0 ? rows : `(SELECT * FROM ${rows} WHERE _at NOT IN (SELECT _at FROM ${table}))`);

/** The row that stays comes first. */
const ORDER: Record<Exclude<KeepPolicy, 'NONE'>, (by: string) => string> = {
  FIRST: () => '_file, _row',
  LAST: () => '_file DESC, _row DESC',
  NEWEST: (by) => `${by} DESC NULLS LAST, _file DESC, _row DESC`,
};

/** SQL of the rows that the parent version holds already: they are not added again, whatever the keep policy: versions are immutable. */
async function knownRows(tables: Tables, { good, parent, key, signal }: { good: string; parent: Parent; key: readonly string[]; signal: AbortSignal }): Promise<string> {
  const equal = key.map((column) => `g.${column} IS NOT DISTINCT FROM p.${column}`).join(' AND ');
  await tables.run(`CREATE OR REPLACE TEMP TABLE known AS SELECT _at, ${key.join(', ')} FROM ${good} WHERE _hash IN (SELECT ${engine.hash(key)} FROM ${parent.relation})`, { signal });
  const rows = `(SELECT row_number() OVER () + ${parent.offset ?? 0} AS _n, ${key.join(', ')} FROM ${parent.relation})`;
  return `SELECT g._at, NULL, min(p._n) FROM known AS g JOIN ${rows} AS p ON ${equal} GROUP BY g._at`;
}
