import { text } from './quote.js';

/** How the engine spells lists and records within a row. */
export interface ListDialect {
  /** A list of cells of one type. */
  list(cells: readonly string[]): string;
  /** The cell at a place that counts from 0: a number, or SQL of one. */
  item(list: string, place: number | string): string;
  /** How many cells a list has. */
  size(list: string): string;
  /** A list without repeats, in any order. */
  distinct(list: string): string;
  /** Makes a row of each cell, as a column of SELECT. */
  each(list: string): string;
  /** Cells with names, which are read as `record.name`. */
  record(cells: Readonly<Record<string, string>>): string;
}

/** DuckDB 1.5. */
export const DUCKDB_LISTS: ListDialect = {
  list: (cells) => `[${cells.join(', ')}]`,
  item: (list, place) => `${list}[${typeof place === 'number' ? place + 1 : `${place} + 1`}]`,
  size: (list) => `len(${list})`,
  distinct: (list) => `list_distinct(${list})`,
  each: (list) => `unnest(${list})`,
  record: (cells) => `{${Object.entries(cells).map(([name, cell]) => `${text(name)}: ${cell}`).join(', ')}}`,
};
