import type { StepTable } from './step-table.js';

/** Between so many equal shares of the training rows a split may lie. */
const CELLS = 1_000;
/** A gain below this share of what it is made from is rounding. */
const NEGLIGIBLE = 1e-12;

/** Neighbouring values of a column with the targets of their rows. */
interface Cell {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly sum: number;
}

/** Cells from `from` to `to`, and how best to split them. */
interface Leaf {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly gain: number;
}

/**
 * The edges of one column at which a regression tree with that many leaves splits it: each time the split is taken that leaves the smallest sum of squared
 * distances of targets from their means (Breiman et al. 1984; for targets of 0 and 1 that is Gini's impurity). No leaf has fewer than `least` of the rows.
 */
export async function targetEdges(table: StepTable, column: number, { bins, least }: { readonly bins: number; readonly least: number }): Promise<readonly number[]> {
  const cells = await cellsOf(table, column);
  const before = cells.reduce<readonly Sum[]>((sums, { count, sum }) => [...sums, { count: (sums.at(-1)?.count ?? 0) + count, sum: (sums.at(-1)?.sum ?? 0) + sum }], [{ count: 0, sum: 0 }]);
  const fewest = Math.max(1, Math.ceil(least * (before.at(-1)?.count ?? 0)));
  const leaves = [leafOf({ from: 0, to: cells.length }, before, fewest)];
  while (leaves.length < bins) {
    const best = leaves.reduce((a, b) => (b.gain > a.gain ? b : a));
    if (best.gain === 0) break;
    leaves.splice(leaves.indexOf(best), 1, leafOf({ from: best.from, to: best.at }, before, fewest), leafOf({ from: best.at, to: best.to }, before, fewest));
  }
  return leaves.slice(1).map(({ from }) => between(cells[from - 1]?.high ?? 0, cells[from]?.low ?? 0));
}

async function cellsOf(table: StepTable, column: number): Promise<readonly Cell[]> {
  const x = table.finiteSql(column);
  const values = `SELECT ${x} + 0e0 AS v, count(*) AS n, ${table.dialect.sum('y', 'o')} AS s`;
  const rows = await table.run(
    `SELECT min(v) AS low, max(v) AS high, sum(n) AS n, ${table.dialect.sum('s', 'v')} AS s FROM (SELECT *, ${table.dialect.idiv(`((sum(n) OVER (ORDER BY v) - n) * ${CELLS})`, '(sum(n) OVER ())')} AS cell FROM (${values}`,
    `WHERE ${x} IS NOT NULL AND y IS NOT NULL GROUP BY v)) GROUP BY cell ORDER BY cell`,
  );
  table.found(rows[0], table.columns[column]?.name ?? '');
  return rows.map((row) => ({ low: Number(row['low']), high: Number(row['high']), count: Number(row['n']), sum: table.finite(Number(row['s']), 'sum', table.target) }));
}

type Sum = Pick<Cell, 'count' | 'sum'>;

function leafOf({ from, to }: Pick<Leaf, 'from' | 'to'>, before: readonly Sum[], fewest: number): Leaf {
  const within = (a: number, b: number): Sum => ({ count: (before[b]?.count ?? 0) - (before[a]?.count ?? 0), sum: (before[b]?.sum ?? 0) - (before[a]?.sum ?? 0) });
  const explained = ({ count, sum }: Sum) => (sum * sum) / count;
  const whole = explained(within(from, to));
  let best: Leaf = { from, to, at: to, gain: 0 };
  for (let at = from + 1; at < to; at++) {
    const [left, right] = [within(from, at), within(at, to)];
    if (left.count < fewest || right.count < fewest) continue;
    const both = explained(left) + explained(right);
    if (both - whole > Math.max(best.gain, NEGLIGIBLE * both)) best = { from, to, at, gain: both - whole };
  }
  return best;
}

/** The middle, or the upper one where no double lies between. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle > a ? middle : b;
}
