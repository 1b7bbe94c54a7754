import type { Column, ColumnType } from '@millrace/core';
import { type Tables } from '@millrace/tables';
import { type Cell, cellOf, layered, type RawKind } from '../cleaning/cell.js';
import type { ColumnContract } from '../contract.js';
import type { RawColumn, RawTable } from './raw-table.js';

/** Texts become the first of these that every cell can be read as. */
const NARROWEST_FIRST: readonly ColumnType[] = ['BOOL', 'INT64', 'FLOAT64', 'TIMESTAMP'];
const BY_KIND: Partial<Record<RawKind, ColumnType>> = { INTEGER: 'INT64', REAL: 'FLOAT64', BOOLEAN: 'BOOL', TIME: 'TIMESTAMP', ZONED_TIME: 'TIMESTAMP' };
/** Planning a query takes longer than in proportion to its width. */
const COLUMNS_A_QUERY = 32;

/** A contract for the columns of a source as they are: every cell of the file fits the type that is chosen. */
export async function inferColumns(tables: Tables, raw: RawTable): Promise<readonly ColumnContract[]> {
  const texts = [...raw.columns].filter(([, { kind }]) => kind === 'TEXT');
  const types = new Map<string, ColumnType>();
  for (let from = 0; from < texts.length; from += COLUMNS_A_QUERY) await addTypes(tables, raw, { columns: texts.slice(from, from + COLUMNS_A_QUERY), types });
  return [...raw.columns].map(([name, { kind }]) => draft(name, types.get(name) ?? BY_KIND[kind] ?? 'STRING'));
}

/** The contract of a column that an earlier version has. */
export const columnOf = ({ name, type, nullable }: Column): ColumnContract => ({ ...draft(name, type), required: !nullable });

const draft = (name: string, type: ColumnType): ColumnContract => ({ name, type, required: false, sourceName: name, missingTexts: [], badCell: 'QUARANTINE', format: '' });

async function addTypes(tables: Tables, raw: RawTable, { columns, types }: { columns: readonly (readonly [string, RawColumn])[]; types: Map<string, ColumnType> }): Promise<void> {
  const cells: Cell[] = [];
  const checks = columns.flatMap(([name, column], i) =>
    NARROWEST_FIRST.map((type) => {
      const cell = cellOf(draft(name, type), column, String(i)) ?? { layers: [], value: 'NULL', bad: 'true', repaired: undefined };
      cells.push(cell);
      // A column of 0 and 1 is a column of numbers: only texts written as `true` or `false` say BOOL.
      const refuse = type === 'BOOL' ? `(${cell.bad}) OR (${cell.repaired})` : cell.bad;
      return `count(*) FILTER (${refuse}) = 0 AND count(${cell.value}) > 0 AS ${type}_${i}`;
    }),
  );
  const [fits] = await tables.rows<Record<string, boolean>>(`SELECT ${checks.join(', ')} FROM ${layered(raw.relation, cells)}`);
  columns.forEach(([name], i) => types.set(name, NARROWEST_FIRST.find((type) => fits?.[`${type}_${i}`] === true) ?? 'STRING'));
}
