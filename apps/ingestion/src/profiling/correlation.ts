import { ident, type Tables } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';

/** What of two columns together is enough for their correlation, and can be merged. */
export interface CoMoments {
  readonly left: string;
  readonly right: string;
  /** Rows that have both. */
  readonly rows: number;
  readonly meanLeft: number;
  readonly meanRight: number;
  /** Sums of squared distances from the means, and of their products. */
  readonly left2: number;
  readonly right2: number;
  readonly product: number;
}

export const MOST_CORRELATED = 12;
const SAMPLE_ROWS = 100_000;
/** Squares of sums of larger ones would not be finite. */
const LARGEST = 1e70;

/** Co-moments of each pair of the first numeric columns that hold no giants. */
export async function coMomentsOf(tables: Tables, relation: string, { columns, rows, largest, signal }: { columns: readonly ColumnContract[]; rows: number; largest: (column: string) => number; signal: AbortSignal }): Promise<readonly CoMoments[]> {
  const numeric = columns.filter(({ name, type }) => (type === 'INT64' || type === 'FLOAT64') && largest(name) <= LARGEST).slice(0, MOST_CORRELATED);
  const pairs = numeric.flatMap(({ name: left }, i) => numeric.slice(i + 1).map(({ name: right }) => ({ left, right })));
  if (pairs.length === 0 || rows === 0) return [];
  const step = Math.max(1, Math.floor(rows / SAMPLE_ROWS));
  const cells = numeric.map(({ name }) => `CAST(${ident(name)} AS DOUBLE) AS ${ident(name)}`).join(', ');
  const sample = step === 1 ? `(SELECT ${cells} FROM ${relation})` : `(SELECT * FROM (SELECT ${cells}, row_number() OVER () AS _n FROM ${relation}) WHERE _n % ${step} = 0)`;
  const figures = pairs.flatMap(({ left, right }, i) => {
    const [x, y] = [ident(left), ident(right)];
    return [`regr_count(${y}, ${x}) AS n_${i}`, ...['avgx', 'avgy', 'sxx', 'syy', 'sxy'].map((figure) => `regr_${figure}(${y}, ${x}) AS ${figure}_${i}`)];
  });
  const [found = {}] = await tables.rows<Record<string, number | bigint | undefined>>(`SELECT ${figures.join(', ')} FROM ${sample}`, undefined, { signal });
  const figure = (name: string): number => Number(found[name] ?? 0);
  return pairs.map((pair, i) => ({ ...pair, rows: figure(`n_${i}`) * step, meanLeft: figure(`avgx_${i}`), meanRight: figure(`avgy_${i}`), left2: figure(`sxx_${i}`) * step, right2: figure(`syy_${i}`) * step, product: figure(`sxy_${i}`) * step }));
}

/** Pearson's r; undefined where one of the two never varies. */
export function correlationOf({ left2, right2, product }: CoMoments): number | undefined {
  const r = product / Math.sqrt(left2) / Math.sqrt(right2);
  return Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : undefined;
}

/** Those of all rows of both (Chan et al. 1983). */
export function mergeCoMoments(a: CoMoments, b: CoMoments): CoMoments {
  const rows = a.rows + b.rows;
  if (a.rows === 0 || b.rows === 0) return a.rows === 0 ? b : a;
  const [dx, dy] = [b.meanLeft - a.meanLeft, b.meanRight - a.meanRight];
  const weight = (a.rows / rows) * b.rows;
  return {
    left: a.left,
    right: a.right,
    rows,
    meanLeft: a.meanLeft + (dx * b.rows) / rows,
    meanRight: a.meanRight + (dy * b.rows) / rows,
    left2: a.left2 + b.left2 + dx * dx * weight,
    right2: a.right2 + b.right2 + dy * dy * weight,
    product: a.product + b.product + dx * dy * weight,
  };
}
