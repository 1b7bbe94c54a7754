import { engine, type QueryOptions, type Tables } from '@millrace/tables';

/** Records that are no records: too many cells, broken UTF-8, half a JSON object. The table has `_row`, `_reasons`, `_text`. */
export interface Rejects {
  readonly table: string;
  readonly count: number;
}

/** The rejects in this table; undefined where it has none. */
export async function rejectsIn(tables: Tables, table: string): Promise<Rejects | undefined> {
  const [found] = await tables.rows<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`);
  const count = Number(found?.n ?? 0n);
  return count === 0 ? undefined : { table, count };
}

/** SQL of rows whose `_row` has counted, in each `_file`, only records that could be read: as it is once those that could not are counted too, where they stand among all. */
export function countedWith(rejects: ReadonlyMap<number, Rejects>, rows: string): string {
  // Before the j-th reject, in row r, stand r - j good records; every good record beyond those moves on by j.
  const steps = [...rejects].map(([file, { table }]) => `SELECT ${file} AS _file, _row - n AS good, max(n) AS by FROM (SELECT _row, row_number() OVER (ORDER BY _row) AS n FROM ${table}) AS r GROUP BY _row - n`);
  const moved = engine.asOf({ left: rows, right: `(${steps.join(' UNION ALL ')})`, keys: ['_file'], at: { left: 'l._row', right: 'r.good' }, strict: true, take: [['by', '_by']] });
  return `SELECT _row + coalesce(_by, 0) AS _row, ${engine.allBut(['_row', '_by'])} FROM ${moved}`;
}

/** Numbers the records of the table `name`, all of one file, so that those of `rejects` count too. */
export async function countRejects(tables: Tables, name: string, rejects: Rejects): Promise<void> {
  const counted = countedWith(new Map([[0, rejects]]), `(SELECT *, 0 AS _file FROM ${name})`);
  await replaceTable(tables, name, `SELECT ${engine.allBut(['_file'])} FROM (${counted})`);
}

/** Puts the rows of a query, which may read the table, in its place. */
export async function replaceTable(tables: Tables, table: string, query: string, options: QueryOptions = {}): Promise<void> {
  await tables.run(`CREATE TEMP TABLE ${table}_next AS ${query}`, options);
  await tables.run(`DROP TABLE ${table}`);
  await tables.run(`ALTER TABLE ${table}_next RENAME TO ${table}`);
}
