import { engine, ident, type Tables, text } from '@millrace/tables';
import type { Contract, KeepPolicy } from '../contract.js';
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
}

/** SQL over the stage: a row that repeats no key; one that another row stands for; one that goes to the quarantine because others have its key. */
export const [UNREPEATED, DROPPED, DISPUTED] = ['_repeats = 0', '_repeats = 1', '_repeats = 2'] as const;

/**
 * Marks in the stage the good rows that repeat a key, by the contract's keep policy, and counts them. A mark is asked for by every later step, for
 * less than a join would cost each.
 * A hash of the key only narrows the search; what counts as equal are the key's cells themselves (missing equals missing).
 */
export async function findDuplicates(tables: Tables, contract: Contract, { stage, good, parent, signal }: { stage: Stage; good: string; parent: Parent | undefined; signal: AbortSignal }): Promise<Duplicates> {
  const key = (contract.key.length > 0 ? contract.key : contract.columns.map(({ name }) => name)).map(ident);
  const hash = engine.hash(key);
  await tables.run(`CREATE OR REPLACE TEMP TABLE ${DROPPED_ROWS} (_file INTEGER, _row BIGINT, _kept_file INTEGER, _kept_row BIGINT)`);
  const drop = (rows: string): Promise<number> => tables.run(`INSERT INTO ${DROPPED_ROWS} ${rows}`, { signal });
  if (parent) {
    await drop(await knownRows(tables, { good, parent, key, hash, signal }));
    await mark(tables, stage, { as: DROPPED, rows: `SELECT _file, _row FROM ${DROPPED_ROWS}`, signal });
  }
  // What the parent holds is settled; only the others can be in dispute.
  const fresh = `(SELECT * FROM ${good} WHERE ${UNREPEATED})`;
  await tables.run(`CREATE OR REPLACE TEMP TABLE suspects AS SELECT ${hash} AS h FROM ${fresh} GROUP BY ALL HAVING count(*) > 1`, { signal });
  const list = key.join(', ');
  const suspects = `${fresh} WHERE ${hash} IN (SELECT h FROM suspects)`;
  if (contract.keep === 'NONE') {
    await mark(tables, stage, { as: DISPUTED, rows: `SELECT _file, _row FROM (SELECT _file, _row, count(*) OVER (PARTITION BY ${list}) > 1 AS again FROM ${suspects}) WHERE again`, signal });
  } else {
    const order = `(PARTITION BY ${list} ORDER BY ${ORDER[contract.keep](ident(contract.newestBy ?? contract.eventTime))} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
    await drop(`SELECT _file, _row, _kept_file, _kept_row FROM (SELECT _file, _row, first_value(_file) OVER w AS _kept_file, first_value(_row) OVER w AS _kept_row, row_number() OVER w AS n FROM ${suspects} WINDOW w AS ${order}) WHERE n > 1`);
    await mark(tables, stage, { as: DROPPED, rows: `SELECT _file, _row FROM ${DROPPED_ROWS} WHERE _kept_file IS NOT NULL`, signal });
  }
  const [count] = await tables.rows<{ dropped: bigint; disputed: bigint }>(`SELECT count(*) FILTER (${DROPPED}) AS dropped, count(*) FILTER (${DISPUTED}) AS disputed FROM ${stage.table}`);
  return { dropped: Number(count?.dropped ?? 0n), disputed: Number(count?.disputed ?? 0n) };
}

/** SQL of the dropped rows, each with the row that stays, and every column as text. */
export function duplicatesSql(contract: Contract, { stage, raws, parent }: { stage: Stage; raws: readonly RawTable[]; parent: string }): string {
  const cells = contract.columns.map(({ name }) => `CAST(${ident(name)} AS VARCHAR) AS ${ident(name)}`);
  const kept = [`coalesce(${labelOf(raws, '_kept_file')}, '') AS _kept_file`, '_kept_row', `CASE WHEN _kept_file IS NULL THEN ${text(parent)} ELSE '' END AS _kept_version`];
  return `SELECT ${[`${labelOf(raws, '_file')} AS _file`, '_row', ...kept, ...cells].join(', ')} FROM ${stage.table} JOIN ${DROPPED_ROWS} USING (_file, _row) ORDER BY _file, _row`;
}

/** Rows that were dropped, each with the row that stays: in no file, and counted in the version, where that is one of the parent. */
const DROPPED_ROWS = 'dropped_rows';

async function mark(tables: Tables, { table }: Stage, { as, rows, signal }: { as: typeof DROPPED | typeof DISPUTED; rows: string; signal: AbortSignal }): Promise<void> {
  await tables.run(`UPDATE ${table} SET ${as} FROM (${rows}) AS d WHERE ${table}._file = d._file AND ${table}._row = d._row`, { signal });
}

/** The row that stays comes first. */
const ORDER: Record<Exclude<KeepPolicy, 'NONE'>, (by: string) => string> = {
  FIRST: () => '_file, _row',
  LAST: () => '_file DESC, _row DESC',
  NEWEST: (by) => `${by} DESC NULLS LAST, _file DESC, _row DESC`,
};

/** SQL of the rows that the parent version holds already: they are not added again, whatever the keep policy: versions are immutable. */
async function knownRows(tables: Tables, { good, parent, key, hash, signal }: { good: string; parent: Parent; key: readonly string[]; hash: string; signal: AbortSignal }): Promise<string> {
  const equal = key.map((column) => `g.${column} IS NOT DISTINCT FROM p.${column}`).join(' AND ');
  await tables.run(`CREATE OR REPLACE TEMP TABLE known AS SELECT _file, _row, ${key.join(', ')} FROM ${good} WHERE ${hash} IN (SELECT ${hash} FROM ${parent.relation})`, { signal });
  const rows = `(SELECT row_number() OVER () + ${parent.offset ?? 0} AS _n, ${key.join(', ')} FROM ${parent.relation})`;
  return `SELECT g._file, g._row, NULL, min(p._n) FROM known AS g JOIN ${rows} AS p ON ${equal} GROUP BY ALL`;
}
