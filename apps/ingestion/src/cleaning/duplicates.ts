import { ident, type Tables } from '@millrace/tables';
import type { Contract } from '../contract.js';

/** Parquet of the version that is appended to, as a relation. */
export interface Parent {
  readonly relation: string;
}

/**
 * Makes the table `dropped(_file, _row)` of good rows that repeat a key, by the contract's keep policy, and gives its size.
 * A hash of the key only narrows the search; what counts as equal are the key's cells themselves (missing equals missing).
 */
export async function findDuplicates(tables: Tables, contract: Contract, { good, parent, signal }: { good: string; parent: Parent | undefined; signal: AbortSignal }): Promise<number> {
  const key = (contract.key.length > 0 ? contract.key : contract.columns.map(({ name }) => name)).map(ident);
  const hash = `hash(${key.join(', ')})`;
  const list = key.join(', ');
  await tables.run('CREATE TEMP TABLE dropped (_file INTEGER, _row BIGINT)');
  await tables.run(`CREATE TEMP TABLE suspects AS SELECT ${hash} AS h FROM ${good} GROUP BY ALL HAVING count(*) > 1`, { signal });
  const order = contract.keep === 'LAST' ? '_file DESC, _row DESC' : '_file, _row';
  const repeated = contract.keep === 'NONE' ? `count(*) OVER (PARTITION BY ${list}) > 1` : `row_number() OVER (PARTITION BY ${list} ORDER BY ${order}) > 1`;
  await tables.run(`INSERT INTO dropped SELECT _file, _row FROM (SELECT _file, _row, ${repeated} AS again FROM ${good} WHERE ${hash} IN (SELECT h FROM suspects)) WHERE again`, { signal });
  if (parent) await dropKnown(tables, { good, parent, key, hash, signal });
  const [count] = await tables.rows<{ n: bigint }>('SELECT count(*) AS n FROM dropped');
  return Number(count?.n ?? 0n);
}

/** What the parent version holds already is not added again, whatever the keep policy: versions are immutable. */
async function dropKnown(tables: Tables, { good, parent, key, hash, signal }: { good: string; parent: Parent; key: readonly string[]; hash: string; signal: AbortSignal }): Promise<void> {
  const equal = key.map((column) => `g.${column} IS NOT DISTINCT FROM p.${column}`).join(' AND ');
  await tables.run(`CREATE TEMP TABLE known AS SELECT _file, _row, ${key.join(', ')} FROM ${good} WHERE ${hash} IN (SELECT ${hash} FROM ${parent.relation})`, { signal });
  await tables.run(`INSERT INTO dropped SELECT DISTINCT g._file, g._row FROM known AS g JOIN ${parent.relation} AS p ON ${equal} WHERE NOT EXISTS (SELECT 1 FROM dropped AS d WHERE d._file = g._file AND d._row = g._row)`, { signal });
}
