import { engine, type Tables } from '@millrace/tables';
import type { Rejects } from './raw-table.js';

/**
 * Numbers the records of the table `name` so that unreadable ones count too. `name_bad` holds those as `_row`, `_reasons`, `_text`,
 * where they stand among all records; the table's own `_row` has counted only what could be read.
 */
export async function countRejects(tables: Tables, name: string): Promise<Rejects | undefined> {
  const table = `${name}_bad`;
  const [found] = await tables.rows<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`);
  const count = Number(found?.n ?? 0n);
  if (count === 0) return undefined;
  // Before the j-th reject, in row r, stand r - j good records; every good record beyond those moves on by j.
  await tables.run(`CREATE TEMP TABLE ${name}_shift AS SELECT _row - n AS good, max(n) AS by FROM (SELECT _row, row_number() OVER (ORDER BY _row) AS n FROM ${table}) GROUP BY 1`);
  const moved = engine.asOf({ left: name, right: `${name}_shift`, keys: [], at: { left: 'l._row', right: 'r.good' }, strict: true, take: [['by', '_by']] });
  await tables.run(`CREATE TEMP TABLE ${name}_counted AS SELECT _row + coalesce(_by, 0) AS _row, ${engine.allBut(['_row', '_by'])} FROM ${moved}`);
  await tables.run(`DROP TABLE ${name}`);
  await tables.run(`ALTER TABLE ${name}_counted RENAME TO ${name}`);
  return { table, count };
}
