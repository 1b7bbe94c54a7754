import type { Column, ColumnType } from '@millrace/core';
import { type Tables } from '@millrace/tables';
import { type Cell, cellOf, layered } from '../cleaning/cell.js';
import { contractNames } from './contract-names.js';
import type { RawKind } from './raw-kind.js';
import type { ColumnContract } from '../column-contract.js';
import type { RawColumn, RawTable } from './raw-table.js';

/** Texts become the first of these that every cell can be read as. */
const NARROWEST_FIRST: readonly ColumnType[] = ['BOOL', 'INT64', 'FLOAT64', 'TIMESTAMP'];
const BY_KIND: Partial<Record<RawKind, ColumnType>> = { INTEGER: 'INT64', REAL: 'FLOAT64', BOOLEAN: 'BOOL', TIME: 'TIMESTAMP', ZONED_TIME: 'TIMESTAMP' };
/** Planning a query takes longer than in proportion to its width. */
const COLUMNS_A_QUERY = 32;
/** What these rows cannot be need not be tried on all. */
const FIRST_ROWS = 1_000;

/** A contract for the columns of a source as they are: every cell of the file fits the type that is chosen. Names that a contract refuses stay, or are mended with `renames`. */
export async function inferColumns(tables: Tables, raw: RawTable, { renames }: { readonly renames: boolean }): Promise<readonly ColumnContract[]> {
  const texts = [...raw.columns].filter(([, { kind }]) => kind === 'TEXT');
  const types = new Map<string, ColumnType>();
  for (let from = 0; from < texts.length; from += COLUMNS_A_QUERY) {
    const some = texts.slice(from, from + COLUMNS_A_QUERY).map(([name, column]) => ({ name, column, types: NARROWEST_FIRST }));
    const first = await tryTypes(tables, some, `(SELECT * FROM ${raw.relation} LIMIT ${FIRST_ROWS})`);
    const fits = first.rows < FIRST_ROWS ? first : await tryTypes(tables, some.map((one, i) => ({ ...one, types: first.possible[i] ?? [] })), raw.relation);
    some.forEach(({ name }, i) => types.set(name, fits.certain[i]?.[0] ?? 'STRING'));
  }
  const sourceNames = [...raw.columns.keys()];
  const names = renames ? contractNames(sourceNames) : sourceNames;
  return [...raw.columns].map(([sourceName, { kind }], i) => ({ ...draft(sourceName, types.get(sourceName) ?? BY_KIND[kind] ?? 'STRING'), name: names[i] ?? sourceName }));
}

/** The contract of a column that an earlier version has. */
export const columnOf = ({ name, type, nullable }: Column): ColumnContract => ({ ...draft(name, type), required: !nullable });

const draft = (name: string, type: ColumnType): ColumnContract => ({ name, type, required: false, sourceName: name, missingTexts: [], badCell: 'QUARANTINE', format: '' });

interface Candidate {
  readonly name: string;
  readonly column: RawColumn;
  readonly types: readonly ColumnType[];
}

/** Which types all cells of a relation can be read as, column by column; `certain` are those that at least one cell speaks for. */
async function tryTypes(tables: Tables, candidates: readonly Candidate[], relation: string): Promise<{ readonly rows: number; readonly possible: readonly (readonly ColumnType[])[]; readonly certain: readonly (readonly ColumnType[])[] }> {
  const cells: Cell[] = [];
  const checks = candidates.flatMap(({ name, column, types }, i) =>
    types.flatMap((type) => {
      const cell = cellOf(draft(name, type), column, String(i));
      if (cell === undefined) return [];
      cells.push(cell);
      // A column of 0 and 1 is a column of numbers: only texts written as `true` or `false` say BOOL.
      const refuse = type === 'BOOL' ? `(${cell.bad}) OR (${cell.repaired})` : cell.bad;
      return [`count(*) FILTER (${refuse}) AS bad_${type}_${i}`, `count(${cell.value}) AS good_${type}_${i}`];
    }),
  );
  const [found = {}] = await tables.rows<Record<string, bigint>>(`SELECT ${['count(*) AS n', ...checks].join(', ')} FROM ${layered(relation, cells)}`);
  const possible = candidates.map(({ types }, i) => types.filter((type) => found[`bad_${type}_${i}`] === 0n));
  return { rows: Number(found['n'] ?? 0n), possible, certain: possible.map((types, i) => types.filter((type) => (found[`good_${type}_${i}`] ?? 0n) > 0n)) };
}
