import { finiteSql, type StepTable } from './step-table.js';
import { DUCKDB } from './sql-dialect.js';

/** Symmetric: how closely each two columns go together, 1 on the diagonal. */
export type Associations = readonly (readonly number[])[];

/** Sums are of whole numbers, 2^40 to the unit: any order of adding gives the same, so that all threads may add. */
const UNIT = 2 ** 40;

/** Pearson's correlation of each two columns over the rows in which both have a finite value; 0 where one of them is constant. */
export async function pearson(table: StepTable): Promise<Associations> {
  const moments = await table.moments();
  return correlations(table, moments.map(({ mean, variance }, i) => `(${finiteSql(i)} - ${DUCKDB.double(mean)}) / ${DUCKDB.double(variance > 0 ? Math.sqrt(variance) : 1)}`));
}

/** Spearman's correlation: that of the ranks of the finite values in each column, where equal values share their middle rank. */
export async function spearman(table: StepTable): Promise<Associations> {
  const counts = await table.counts();
  return correlations(
    table,
    counts.map((count, i) => {
      const x = finiteSql(i);
      return `CASE WHEN ${x} IS NOT NULL THEN (rank() OVER (ORDER BY ${x} NULLS LAST) + (count(*) OVER (PARTITION BY ${x}) - 1) / 2e0 - ${DUCKDB.double((count + 1) / 2)}) / ${DUCKDB.double(Math.max(1, count))} END`;
    }),
  );
}

/** Cramér's V of each two text columns over the rows in which both are there, without correction of bias; 0 where one of them is constant. */
export async function cramersV(table: StepTable): Promise<Associations> {
  return pairs(table.columns.length, async (i) => {
    const row: number[] = [];
    for (let j = i + 1; j < table.columns.length; j++) {
      const [found = {}] = await table.run(
        `SELECT fsum(c * c / (sa * sb) ORDER BY a, b) AS f, count(DISTINCT a) AS ka, count(DISTINCT b) AS kb FROM (SELECT *, sum(c) OVER (PARTITION BY a) AS sa, sum(c) OVER (PARTITION BY b) AS sb FROM (SELECT x${i} AS a, x${j} AS b, count(*)::DOUBLE AS c`,
        'WHERE a IS NOT NULL AND b IS NOT NULL GROUP BY a, b))',
      );
      const freedom = Math.min(Number(found['ka']), Number(found['kb'])) - 1;
      row.push(freedom > 0 ? Math.sqrt(Math.min(1, Math.max(0, (Number(found['f']) - 1) / freedom))) : 0);
    }
    return row;
  });
}

async function correlations(table: StepTable, standardised: readonly string[]): Promise<Associations> {
  const columns = standardised.map((sql, i) => `${sql} AS z${i}`);
  const sum = (product: string) => `sum(CAST(round((${product}) * ${DUCKDB.double(UNIT)}) AS HUGEINT))`;
  return pairs(standardised.length, async (i) => {
    const others = standardised.map((_, j) => j).slice(i + 1);
    if (others.length === 0) return [];
    const sums = others.flatMap((j) => [
      `count(z${i} + z${j}) AS n${j}`,
      ...[`z${i} * z${j}`, `z${i} + 0 * z${j}`, `z${j} + 0 * z${i}`, `z${i} * z${i} + 0 * z${j}`, `z${j} * z${j} + 0 * z${i}`].map((product, k) => `${sum(product)} AS s${j}_${k}`),
    ]);
    const [row = {}] = await table.run(`SELECT ${sums.join(', ')} FROM (SELECT ${columns.join(', ')}`, ')');
    return others.map((j) => correlation(Number(row[`n${j}`]), [0, 1, 2, 3, 4].map((k) => Number(row[`s${j}_${k}`] ?? 0) / UNIT)));
  });
}

function correlation(count: number, [ab = 0, a = 0, b = 0, aa = 0, bb = 0]: readonly number[]): number {
  const spread = Math.sqrt((aa - (a * a) / count) * (bb - (b * b) / count));
  const found = (ab - (a * b) / count) / spread;
  return Number.isFinite(found) ? Math.max(-1, Math.min(1, found)) : 0;
}

/** A symmetric matrix from what stands right of the diagonal in each row. */
async function pairs(size: number, right: (row: number) => Promise<readonly number[]>): Promise<Associations> {
  const rows: (readonly number[])[] = [];
  for (let i = 0; i < size; i++) {
    const left = rows.map((row) => row[i] ?? 0);
    rows.push([...left, 1, ...(await right(i))]);
  }
  return rows;
}
