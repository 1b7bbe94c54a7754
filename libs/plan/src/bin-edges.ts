import { middle, type StepTable, toNumber } from './step-table.js';

/** The edges between bins of each column that hold about equally many training values. */
export async function equalFrequencyEdges(table: StepTable, bins: number): Promise<readonly (readonly number[])[]> {
  const shares = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? 1 : (i * (100 / bins)) / 100));
  return (await table.quantiles(shares)).map((edges) => [...new Set(edges)].slice(1, -1));
}

/** The edges between bins of each column that are equally wide. */
export async function equalWidthEdges(table: StepTable, bins: number): Promise<readonly (readonly number[])[]> {
  return (await table.extremes()).map(({ low, high }, i) => {
    const step = table.finite(high - low, 'range', table.columns[i]?.name ?? '') / bins;
    return [...new Set(Array.from({ length: bins - 1 }, (_, edge) => (edge + 1) * step + low))];
  });
}

/** What the training values within one bin are like. */
export interface BinFigures {
  readonly mean: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The figures of each bin of one column; undefined where no training value lies in it. */
export async function binFigures(table: StepTable, column: number, edges: readonly number[]): Promise<readonly (BinFigures | undefined)[]> {
  const x = table.finiteSql(column);
  const bin = `CASE ${edges.map((edge, i) => `WHEN ${x} < ${table.dialect.double(edge)} THEN ${i}`).join(' ')} ELSE ${edges.length} END`;
  const rows = await table.run(
    `SELECT ${edges.length === 0 ? '0' : bin} AS b, ${table.dialect.sum(x, 'o')} / count(*) AS mean, ${table.dialect.lowerMiddle(x)} AS lower, -${table.dialect.lowerMiddle(`-${x}`)} AS upper, min(${x}) AS low, max(${x}) AS high`,
    `WHERE ${x} IS NOT NULL GROUP BY b`,
  );
  const name = table.columns[column]?.name ?? '';
  const found = new Map(
    rows.map((row) => {
      const number = (value: unknown, what: string) => table.finite(table.found(toNumber(value), name), what, name);
      return [Number(row['b']), { mean: number(row['mean'], 'sum'), median: middle(Number(row['lower']), Number(row['upper'])), low: number(row['low'], 'minimum'), high: number(row['high'], 'maximum') }];
    }),
  );
  return Array.from({ length: edges.length + 1 }, (_, i) => found.get(i));
}
