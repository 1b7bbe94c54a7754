import { ident, type Tables } from '@millrace/tables';
import type { Contract, KeepPolicy } from '../contract.js';

/** Parquet of the version that is appended to, as a relation. */
export interface Parent {
  readonly relation: string;
}

/** Rows that repeat a key. */
export interface Duplicates {
  /** Those that another row stands for. */
  readonly dropped: number;
  /** Those of which nobody knows which one is right; they go to the quarantine. */
  readonly disputed: number;
}

/** SQL that is true for a row of the stage that goes to the quarantine because others have its key. */
export const DISPUTED = '(_file, _row) IN (SELECT (_file, _row) FROM repeated WHERE disputed)';

/**
 * Makes the table `repeated(_file, _row, disputed)` of good rows that repeat a key, by the contract's keep policy, and counts them.
 * A hash of the key only narrows the search; what counts as equal are the key's cells themselves (missing equals missing).
 */
export async function findDuplicates(tables: Tables, contract: Contract, { good, parent, signal }: { good: string; parent: Parent | undefined; signal: AbortSignal }): Promise<Duplicates> {
  const key = (contract.key.length > 0 ? contract.key : contract.columns.map(({ name }) => name)).map(ident);
  const hash = `hash(${key.join(', ')})`;
  await tables.run('CREATE TEMP TABLE repeated (_file INTEGER, _row BIGINT, disputed BOOLEAN)');
  if (parent) await dropKnown(tables, { good, parent, key, hash, signal });
  // What the parent holds is settled; only the others can be in dispute.
  const fresh = parent ? `(SELECT * FROM ${good} AS g WHERE NOT EXISTS (SELECT 1 FROM repeated AS d WHERE d._file = g._file AND d._row = g._row))` : good;
  await tables.run(`CREATE TEMP TABLE suspects AS SELECT ${hash} AS h FROM ${fresh} GROUP BY ALL HAVING count(*) > 1`, { signal });
  const list = key.join(', ');
  const again = contract.keep === 'NONE' ? `count(*) OVER (PARTITION BY ${list}) > 1` : `row_number() OVER (PARTITION BY ${list} ORDER BY ${ORDER[contract.keep](ident(contract.eventTime))}) > 1`;
  await tables.run(`INSERT INTO repeated SELECT _file, _row, ${contract.keep === 'NONE'} FROM (SELECT _file, _row, ${again} AS again FROM ${fresh} WHERE ${hash} IN (SELECT h FROM suspects)) WHERE again`, { signal });
  const [count] = await tables.rows<{ dropped: bigint; disputed: bigint }>('SELECT count(*) FILTER (NOT disputed) AS dropped, count(*) FILTER (disputed) AS disputed FROM repeated');
  return { dropped: Number(count?.dropped ?? 0n), disputed: Number(count?.disputed ?? 0n) };
}

/** The row that stays comes first. */
const ORDER: Record<Exclude<KeepPolicy, 'NONE'>, (eventTime: string) => string> = {
  FIRST: () => '_file, _row',
  LAST: () => '_file DESC, _row DESC',
  NEWEST: (eventTime) => `${eventTime} DESC NULLS LAST, _file DESC, _row DESC`,
};

/** What the parent version holds already is not added again, whatever the keep policy: versions are immutable. */
async function dropKnown(tables: Tables, { good, parent, key, hash, signal }: { good: string; parent: Parent; key: readonly string[]; hash: string; signal: AbortSignal }): Promise<void> {
  const equal = key.map((column) => `g.${column} IS NOT DISTINCT FROM p.${column}`).join(' AND ');
  await tables.run(`CREATE TEMP TABLE known AS SELECT _file, _row, ${key.join(', ')} FROM ${good} WHERE ${hash} IN (SELECT ${hash} FROM ${parent.relation})`, { signal });
  await tables.run(`INSERT INTO repeated SELECT DISTINCT g._file, g._row, false FROM known AS g JOIN ${parent.relation} AS p ON ${equal}`, { signal });
}
