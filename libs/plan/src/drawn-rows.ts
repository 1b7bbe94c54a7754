import { seededRandom } from '@millrace/core';
import type { StepTable } from './step-table.js';

/** Training rows in their order of which every column is finite: all of them, or `most` drawn by the seed. The same whatever the number of threads. */
export async function drawnRows(table: StepTable, { most, seed }: { readonly most: number; readonly seed: number }): Promise<readonly (readonly number[])[]> {
  const values = table.columns.map((_, i) => table.finiteSql(i));
  const complete = values.map((value) => `${value} IS NOT NULL`).join(' AND ');
  const [counted = {}] = await table.run('SELECT count(*) AS c', `WHERE ${complete}`);
  const count = Number(counted['c']);
  const ranked = `SELECT * FROM (SELECT ${values.map((value, i) => `${value} AS v${i}`).join(', ')}, o, row_number() OVER (ORDER BY o) - 1 AS r`;
  const places = count > most ? [...drawn(count, most, seededRandom(seed))] : [];
  const chosen = places.length === 0 ? '' : `WHERE r IN (${places.join(', ')})`;
  const rows = await table.run(ranked, `WHERE ${complete}) ${chosen} ORDER BY o`);
  return rows.map((row) => values.map((_, i) => Number(row[`v${i}`]) + 0));
}

/** Different whole numbers below a count (Floyd). */
function drawn(count: number, most: number, random: () => number): ReadonlySet<number> {
  const chosen = new Set<number>();
  for (let last = count - most; last < count; last++) {
    const one = Math.floor(random() * (last + 1));
    chosen.add(chosen.has(one) ? last : one);
  }
  return chosen;
}
