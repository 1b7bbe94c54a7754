import type { ColumnType } from '@millrace/core';
import { type Tables } from '@millrace/tables';
import { cellOf, type RawKind } from '../cleaning/cell.js';
import type { ColumnContract } from '../contract.js';
import type { RawTable } from './raw-table.js';

/** Texts become the first of these that every cell can be read as. */
const NARROWEST_FIRST: readonly ColumnType[] = ['BOOL', 'INT64', 'FLOAT64', 'TIMESTAMP'];
const BY_KIND: Partial<Record<RawKind, ColumnType>> = { INTEGER: 'INT64', REAL: 'FLOAT64', BOOLEAN: 'BOOL', TIME: 'TIMESTAMP', ZONED_TIME: 'TIMESTAMP' };

/** A contract for the columns of a source as they are: every cell of the file fits the type that is chosen. */
export async function inferColumns(tables: Tables, raw: RawTable): Promise<readonly ColumnContract[]> {
  const columns: ColumnContract[] = [];
  for (const [name, kind] of raw.columns) {
    const type = kind === 'TEXT' ? await typeOfTexts(tables, raw, name) : BY_KIND[kind];
    columns.push(draft(name, type ?? 'STRING'));
  }
  return columns;
}

const draft = (name: string, type: ColumnType): ColumnContract => ({ name, type, required: false, sourceName: name, missingTexts: [], badCell: 'QUARANTINE', format: '' });

async function typeOfTexts(tables: Tables, raw: RawTable, name: string): Promise<ColumnType> {
  const checks = NARROWEST_FIRST.map((type) => {
    const { value, bad, repaired } = cellOf(draft(name, type), 'TEXT') ?? { value: 'NULL', bad: 'true', repaired: undefined };
    // A column of 0 and 1 is a column of numbers: only texts written as `true` or `false` say BOOL.
    const refuse = type === 'BOOL' ? `(${bad}) OR (${repaired})` : bad;
    return `count(*) FILTER (${refuse}) = 0 AND count(${value}) > 0 AS ${type}`;
  });
  const [fits] = await tables.rows<Record<string, boolean>>(`SELECT ${checks.join(', ')} FROM ${raw.relation}`);
  return NARROWEST_FIRST.find((type) => fits?.[type] === true) ?? 'STRING';
}
