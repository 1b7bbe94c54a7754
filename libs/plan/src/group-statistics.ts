import type { FitDialect } from './fit-dialect.js';
import { middle, type StepTable, toNumber } from './step-table.js';

/** What fills the missing cells of one group. */
export interface GroupFill {
  readonly key: string;
  readonly fill: number | string;
}

export interface GroupQuestion {
  readonly strategy: 'median' | 'mean' | 'mode';
  /** Most groups, those with the most values first. */
  readonly limit: number;
}

/** The median, mean or mode of one column in each group of the step's first key; groups without a value are left out. */
export async function fillsByGroup(table: StepTable, column: number, { strategy, limit }: GroupQuestion): Promise<readonly GroupFill[]> {
  const { node, name = '' } = table.columns[column] ?? {};
  const x = node?.type === 'f64' ? table.finiteSql(column) : `x${column}`;
  const rows = await table.run(...QUERIES[strategy]({ x, limit, dialect: table.dialect }));
  return rows.map((row) => {
    const { a, b } = row;
    if (typeof a === 'string') return { key: String(row['g']), fill: a };
    return { key: String(row['g']), fill: table.finite(middle(table.found(toNumber(a), name), table.found(toNumber(b), name)), strategy, name) };
  });
}

/** Each gives the group g, and a and b, between which the fill lies. */
const QUERIES: Readonly<Record<GroupQuestion['strategy'], (by: { readonly x: string; readonly limit: number; readonly dialect: FitDialect }) => readonly [string, string]>> = {
  median: ({ x, limit, dialect }) => [`SELECT k0 AS g, ${dialect.lowerMiddle(x)} AS a, -${dialect.lowerMiddle(`-${x}`)} AS b`, grouped(x, limit)],
  mean: ({ x, limit, dialect }) => [`SELECT k0 AS g, ${dialect.sum(x, 'o')} / count(*) AS a, a AS b`, grouped(x, limit)],
  mode: ({ x, limit, dialect }) => [
    `SELECT g, ${dialect.firstBy('v', 'c DESC, v')} AS a, a AS b, sum(c) AS n FROM (SELECT k0 AS g, ${x} AS v, count(*) AS c`,
    `WHERE v IS NOT NULL AND g IS NOT NULL GROUP BY g, v) GROUP BY g ORDER BY n DESC, g LIMIT ${limit}`,
  ],
};

const grouped = (x: string, limit: number) => `WHERE ${x} IS NOT NULL AND k0 IS NOT NULL GROUP BY g ORDER BY count(*) DESC, g LIMIT ${limit}`;
