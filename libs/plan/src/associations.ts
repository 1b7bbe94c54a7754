import type { StepTable } from './step-table.js';

/** Symmetric: how closely each two columns go together, 1 on the diagonal. */
export type Associations = readonly (readonly number[])[];

/** Sums are of whole numbers, 2^40 to the unit: any order of adding gives the same, so that all threads may add. */
const UNIT = 2 ** 40;

/** Pearson's correlation of each two columns over the rows in which both have a finite value; 0 where one of them is constant. */
export async function pearson(table: StepTable): Promise<Associations> {
  const moments = await table.moments();
  return correlations(table, moments.map(({ mean, variance }, i) => `(${table.finiteSql(i)} - ${table.dialect.double(mean)}) / ${table.dialect.double(variance > 0 ? Math.sqrt(variance) : 1)}`));
}

/** Spearman's correlation: that of the ranks of the finite values in each column, where equal values share their middle rank. */
export async function spearman(table: StepTable): Promise<Associations> {
  const counts = await table.counts();
  return correlations(
    table,
    counts.map((count, i) => {
      const x = table.finiteSql(i);
      return `CASE WHEN ${x} IS NOT NULL THEN (rank() OVER (ORDER BY ${x} NULLS LAST) + (count(*) OVER (PARTITION BY ${x}) - 1) / 2e0 - ${table.dialect.double((count + 1) / 2)}) / ${table.dialect.double(Math.max(1, count))} END`;
    }),
  );
}

/** Cramér's V of each two text columns over the rows in which both are there, without correction of bias; 0 where one of them is constant. */
export async function cramersV(table: StepTable): Promise<Associations> {
  const values: number[] = [];
  for (const [i, j] of pairsOf(table.columns.length)) {
    const [found = {}] = await table.run(
      `SELECT ${table.dialect.sum('c * c / (sa * sb)', 'a, b')} AS f, count(DISTINCT a) AS ka, count(DISTINCT b) AS kb FROM (SELECT *, sum(c) OVER (PARTITION BY a) AS sa, sum(c) OVER (PARTITION BY b) AS sb FROM (SELECT x${i} AS a, x${j} AS b, CAST(count(*) AS DOUBLE) AS c`,
      'WHERE a IS NOT NULL AND b IS NOT NULL GROUP BY a, b))',
    );
    const freedom = Math.min(Number(found['ka']), Number(found['kb'])) - 1;
    values.push(freedom > 0 ? Math.sqrt(Math.min(1, Math.max(0, (Number(found['f']) - 1) / freedom))) : 0);
  }
  return symmetric(table.columns.length, values);
}

/** Columns that one query compares: more make it long, fewer compute ranks again and again. */
const PAIRS_AT_ONCE = 400;

async function correlations(table: StepTable, standardised: readonly string[]): Promise<Associations> {
  const pairs = pairsOf(standardised.length);
  const values: number[] = [];
  for (let from = 0; from < pairs.length; from += PAIRS_AT_ONCE) {
    const part = pairs.slice(from, from + PAIRS_AT_ONCE);
    const columns = [...new Set(part.flat())].map((i) => `${standardised[i] ?? 'NULL'} AS z${i}`);
    const [row = {}] = await table.run(`SELECT ${part.flatMap((pair) => sumsOf(table, pair)).join(', ')} FROM (SELECT ${columns.join(', ')}`, ')');
    values.push(...part.map(([i, j]) => correlation(Number(row[`n${i}_${j}`]), [0, 1, 2, 3, 4].map((k) => Number(row[`s${i}_${j}_${k}`] ?? 0) / UNIT))));
  }
  return symmetric(standardised.length, values);
}

/** Over the rows in which both are there: how many, and the sums of ab, a, b, aa and bb. */
function sumsOf({ dialect }: StepTable, [i, j]: readonly [number, number]): readonly string[] {
  const [a, b] = [`z${i}`, `z${j}`];
  const products = [`${a} * ${b}`, `${a} + 0 * ${b}`, `${b} + 0 * ${a}`, `${a} * ${a} + 0 * ${b}`, `${b} * ${b} + 0 * ${a}`];
  return [`count(${a} + ${b}) AS n${i}_${j}`, ...products.map((product, k) => `${dialect.wholeSum(`(${product}) * ${dialect.double(UNIT)}`)} AS s${i}_${j}_${k}`)];
}

function correlation(count: number, [ab = 0, a = 0, b = 0, aa = 0, bb = 0]: readonly number[]): number {
  const spread = Math.sqrt((aa - (a * a) / count) * (bb - (b * b) / count));
  const found = (ab - (a * b) / count) / spread;
  return Number.isFinite(found) ? Math.max(-1, Math.min(1, found)) : 0;
}

/** Each two of so many columns, the earlier one first. */
const pairsOf = (size: number): readonly (readonly [number, number])[] => Array.from({ length: size }, (_, i) => Array.from({ length: size - i - 1 }, (__, j) => [i, i + j + 1] as const)).flat();

/** A symmetric matrix from the values of its pairs. */
function symmetric(size: number, values: readonly number[]): Associations {
  const rows = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j): number => (i === j ? 1 : 0)));
  pairsOf(size).forEach(([i, j], k) => {
    for (const [row, column] of [[i, j], [j, i]] as const) rows[row]?.splice(column, 1, values[k] ?? 0);
  });
  return rows;
}
