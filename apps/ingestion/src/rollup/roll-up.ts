import { engine, ident, type Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import type { TableObject } from '../table-object.js';
import { finishFigures } from './finish.js';
import { cellsSql, keysOf, mergedSql, partialSql, tooLargeToSquare } from './partial-sql.js';
import { type Finer, foldedColumns, meaningOf, partsOf, type Rollup, SINCE, UNTIL } from './rollup.js';

/** More windows of groups than this are no rollup. */
export const MAX_GROUPS = 1_000_000;

/** What a version keeps so that the next one need not read the same rows again. */
export interface KeptPartials {
  /** The version that was rolled up. */
  readonly of: string;
  readonly meaning: string;
  /** Digests of the objects whose rows the partials hold. */
  readonly objects: readonly string[];
  readonly partials: TableObject;
  /** Of the rows that were read for it: those without a time are in no window. */
  readonly rowsWithoutTime: number;
  /** How many objects were read for it; the others came from the partials of the version before. */
  readonly objectsRead: number;
}

/** What is to be rolled up, and what is known of it already. */
export interface RollupInput extends Finer {
  readonly rollup: Rollup;
  readonly objects: readonly TableObject[];
  readonly before: KeptPartials | undefined;
}

/**
 * Writes the rollup of a version as a Parquet file, a row for each group in each window, ordered by window and group. Each object is folded to partials by
 * itself; those of the version before stand for the objects that it has read, where it meant the same. Partials merge to the same bits in any order.
 */
export async function rollUp(tables: Tables, { rollup, schema, eventTime, objects, before }: RollupInput, { path, signal }: { readonly path: string; readonly signal: AbortSignal }): Promise<KeptPartials> {
  const meaning = meaningOf(rollup, { schema, eventTime });
  const digests = objects.map(({ digest }) => digest);
  // What a later version has lost cannot be taken out of a maximum.
  const known = before?.meaning === meaning && before.objects.every((digest) => digests.includes(digest)) ? before : undefined;
  const fresh = digests.filter((digest) => !known?.objects.includes(digest));
  const partials = known ? [await tables.scan([known.partials.digest])] : [];
  let rowsWithoutTime = known?.rowsWithoutTime ?? 0;
  for (const [i, digest] of fresh.entries()) {
    const relation = await tables.scan([digest]);
    const cells = `rolled_cells_${i}`;
    await tables.run(`CREATE TEMP TABLE ${cells} AS ${cellsSql(rollup, { relation, schema, eventTime })}`, { signal });
    await refuseGiants(tables, rollup, { schema, cells });
    await tables.run(`CREATE TEMP TABLE rolled_partials_${i} AS ${partialSql(rollup, { cells, schema })}`, { signal });
    await tables.run(`DROP TABLE ${cells}`, { signal });
    const [without] = await tables.rows<{ n: bigint }>(`SELECT count(*) AS n FROM ${relation} WHERE ${ident(eventTime)} IS NULL`, undefined, { signal });
    rowsWithoutTime += Number(without?.n ?? 0n);
    partials.push(`rolled_partials_${i}`);
  }
  const order = ['w', ...keysOf(rollup).map((key) => `${key} NULLS FIRST`)].join(', ');
  await tables.run(`CREATE TEMP TABLE rolled_merged AS ${mergedSql(rollup, partials)}`, { signal });
  for (const i of fresh.keys()) await tables.run(`DROP TABLE rolled_partials_${i}`, { signal });
  await tables.run(`CREATE TEMP TABLE rolled_groups AS SELECT row_number() OVER (ORDER BY ${order}) - 1 AS g, ${[...keysOf(rollup), 'w'].join(', ')} FROM rolled_merged WHERE part = 'n'`, { signal });
  const [found] = await tables.rows<{ groups: bigint | undefined }>('SELECT count(*) AS groups FROM rolled_groups', undefined, { signal });
  const groups = Number(found?.groups ?? 0n);
  if (groups === 0) throw errors.SOURCE_EMPTY({ file: rollup.of, why: 'no row of it has a time' });
  if (groups > MAX_GROUPS) throw errors.ROLLUP_TOO_LARGE({ of: rollup.of, groups: String(groups), limit: String(MAX_GROUPS) });
  // A missing key is a group as others are.
  const same = [...keysOf(rollup).map((key) => `p.${key} IS NOT DISTINCT FROM g.${key}`), 'p.w = g.w'].join(' AND ');
  await tables.run(`CREATE TEMP TABLE rolled_parts AS SELECT g.g, p.* FROM rolled_merged AS p JOIN rolled_groups AS g ON ${same} ORDER BY g.g, p.part, p.bin`, { signal });
  await tables.run('DROP TABLE rolled_merged', { signal });
  await finishFigures(tables, rollup, { schema, groups, signal });
  await tables.run(engine.writeParquet(rowsSql(rollup), path), { signal });
  const { ref, rows } = await tables.writeParquet(`SELECT ${[...keysOf(rollup), 'w', 'part', 'bin', 'v', 'x'].join(', ')} FROM rolled_parts ORDER BY g, part, bin`, { signal });
  return { of: rollup.of, meaning, objects: digests, partials: { ...ref, rows }, rowsWithoutTime, objectsRead: fresh.length };
}

function rowsSql(rollup: Rollup): string {
  const columns = [
    ...rollup.by.map((name, i) => `p.k${i} AS ${ident(name)}`),
    `${engine.time(`p.w * ${rollup.every}`)} AS ${ident(SINCE)}`,
    `${engine.time(`(p.w + 1) * ${rollup.every}`)} AS ${ident(UNTIL)}`,
    ...rollup.columns.map(({ name }, i) => `f.f${i} AS ${ident(name)}`),
  ];
  return `SELECT ${columns.join(', ')} FROM rolled_groups AS p JOIN rolled_figures AS f ON p.g = f.g ORDER BY p.g`;
}

/** Numbers whose square a double cannot hold without a loss that nobody would see. */
async function refuseGiants(tables: Tables, rollup: Rollup, { schema, cells }: { readonly schema: Finer['schema']; readonly cells: string }): Promise<void> {
  for (const [i, column] of foldedColumns(rollup).entries()) {
    if (!partsOf(rollup).some(({ kind, column: name }) => kind === 'p' && name === column)) continue;
    const isDouble = schema.find(({ name }) => name === column)?.type === 'FLOAT64';
    const [found] = await tables.rows<{ n: bigint }>(`SELECT count(*) AS n FROM ${cells} WHERE ${tooLargeToSquare(`v${i}`, isDouble)}`);
    if (found && found.n > 0n) throw errors.ROLLUP_OVERFLOW({ name: rollup.columns.find((one) => one.column === column && (one.fold === 'VARIANCE' || one.fold === 'STDDEV'))?.name ?? column, what: `${found.n} values of "${column}" are beyond ${isDouble ? '1e150' : '2^53'}, and so their squares cannot be summed` });
  }
}
