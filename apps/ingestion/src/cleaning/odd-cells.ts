import { engine } from '@millrace/tables';
import type { Cell } from './cell.js';

/** A column of the stage with one list in each row that has an unreadable or mended cell, and NULL in all others: flags and texts of their own for each column would take more room than the rows. */
export const ODD = '_odd';

/** What the stage knows of cells that are not as they stood in the source, by the index of their column in the contract. */
export interface OddCells {
  readonly canFail: (index: number) => boolean;
  readonly canMend: (index: number) => boolean;
  /** SQL over the stage: true where the cell could not be read, where it was mended, and what stood there in either case. */
  readonly bad: (index: number) => string;
  readonly mended: (index: number) => string;
  readonly found: (index: number) => string;
  /** SQL of the list, where each cell still has `_bad_i`, `_mend_i` and `_raw_i`. */
  readonly list: string;
}

/** Names of what is known of a cell while its row is staged. */
export const flags = (index: number): { readonly bad: string; readonly mend: string; readonly raw: string } => ({ bad: `_bad_${index}`, mend: `_mend_${index}`, raw: `_raw_${index}` });

/** The cells that can be odd, given how each file gives each column. */
export function oddCells(files: readonly (readonly Cell[])[], width: number): OddCells {
  const can = (index: number, what: 'bad' | 'repaired'): boolean => files.some((cells) => cells[index]?.[what] !== undefined);
  const places = Array.from({ length: width }, (_, index) => index).filter((index) => can(index, 'bad') || can(index, 'repaired'));
  const field = (index: number, name: string): string => `${engine.item(ODD, places.indexOf(index))}.${name}`;
  const isOdd = (index: number): string => `(${flags(index).bad} OR ${flags(index).mend})`;
  const records = places.map((index) => engine.record({ bad: flags(index).bad, mended: flags(index).mend, found: `CASE WHEN ${isOdd(index)} THEN ${flags(index).raw} END` }));
  return {
    canFail: (index) => can(index, 'bad'),
    canMend: (index) => can(index, 'repaired'),
    bad: (index) => `coalesce(${field(index, 'bad')}, false)`,
    mended: (index) => `coalesce(${field(index, 'mended')}, false)`,
    found: (index) => field(index, 'found'),
    list: places.length === 0 ? 'NULL' : `CASE WHEN ${places.map(isOdd).join(' OR ')} THEN ${engine.list(records)} END`,
  };
}
