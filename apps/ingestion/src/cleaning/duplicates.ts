import { ident, type Tables } from '@millrace/tables';
import type { Contract, KeepPolicy } from '../contract.js';
import type { Stage } from './stage.js';

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

/** SQL over the stage: a row that repeats no key; one that another row stands for; one that goes to the quarantine because others have its key. */
export const [UNREPEATED, DROPPED, DISPUTED] = ['_repeats = 0', '_repeats = 1', '_repeats = 2'] as const;

/**
 * Marks in the stage the good rows that repeat a key, by the contract's keep policy, and counts them. A mark is asked for by every later step, for
 * less than a join would cost each.
 * A hash of the key only narrows the search; what counts as equal are the key's cells themselves (missing equals missing).
 */
export async function findDuplicates(tables: Tables, contract: Contract, { stage, good, parent, signal }: { stage: Stage; good: string; parent: Parent | undefined; signal: AbortSignal }): Promise<Duplicates> {
  const key = (contract.key.length > 0 ? contract.key : contract.columns.map(({ name }) => name)).map(ident);
  const hash = `hash(${key.join(', ')})`;
  if (parent) await mark(tables, stage, { as: DROPPED, rows: await knownRows(tables, { good, parent, key, hash, signal }), signal });
  // What the parent holds is settled; only the others can be in dispute.
  const fresh = `(SELECT * FROM ${good} WHERE ${UNREPEATED})`;
  await tables.run(`CREATE TEMP TABLE suspects AS SELECT ${hash} AS h FROM ${fresh} GROUP BY ALL HAVING count(*) > 1`, { signal });
  const list = key.join(', ');
  const again = contract.keep === 'NONE' ? `count(*) OVER (PARTITION BY ${list}) > 1` : `row_number() OVER (PARTITION BY ${list} ORDER BY ${ORDER[contract.keep](ident(contract.eventTime))}) > 1`;
  const rows = `SELECT _file, _row FROM (SELECT _file, _row, ${again} AS again FROM ${fresh} WHERE ${hash} IN (SELECT h FROM suspects)) WHERE again`;
  await mark(tables, stage, { as: contract.keep === 'NONE' ? DISPUTED : DROPPED, rows, signal });
  const [count] = await tables.rows<{ dropped: bigint; disputed: bigint }>(`SELECT count(*) FILTER (${DROPPED}) AS dropped, count(*) FILTER (${DISPUTED}) AS disputed FROM ${stage.table}`);
  return { dropped: Number(count?.dropped ?? 0n), disputed: Number(count?.disputed ?? 0n) };
}

async function mark(tables: Tables, { table }: Stage, { as, rows, signal }: { as: typeof DROPPED | typeof DISPUTED; rows: string; signal: AbortSignal }): Promise<void> {
  await tables.run(`UPDATE ${table} SET ${as} FROM (${rows}) AS d WHERE ${table}._file = d._file AND ${table}._row = d._row`, { signal });
}

/** The row that stays comes first. */
const ORDER: Record<Exclude<KeepPolicy, 'NONE'>, (eventTime: string) => string> = {
  FIRST: () => '_file, _row',
  LAST: () => '_file DESC, _row DESC',
  NEWEST: (eventTime) => `${eventTime} DESC NULLS LAST, _file DESC, _row DESC`,
};

/** SQL of the rows that the parent version holds already: they are not added again, whatever the keep policy: versions are immutable. */
async function knownRows(tables: Tables, { good, parent, key, hash, signal }: { good: string; parent: Parent; key: readonly string[]; hash: string; signal: AbortSignal }): Promise<string> {
  const equal = key.map((column) => `g.${column} IS NOT DISTINCT FROM p.${column}`).join(' AND ');
  await tables.run(`CREATE TEMP TABLE known AS SELECT _file, _row, ${key.join(', ')} FROM ${good} WHERE ${hash} IN (SELECT ${hash} FROM ${parent.relation})`, { signal });
  return `SELECT DISTINCT g._file, g._row FROM known AS g JOIN ${parent.relation} AS p ON ${equal}`;
}
