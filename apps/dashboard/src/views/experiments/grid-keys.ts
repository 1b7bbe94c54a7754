/** A place in the table of runs; the first column names the run. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The row of the headings. */
export const HEAD = -1;

interface Size {
  readonly rows: number;
  readonly columns: number;
  /** Rows that are seen at once. */
  readonly page: number;
}

/** Where a key leads from a cell; undefined for a key that leads nowhere. */
export function cellAfter({ row, column }: Cell, { key, ctrlKey, metaKey }: { readonly key: string; readonly ctrlKey: boolean; readonly metaKey: boolean }, { rows, columns, page }: Size): Cell | undefined {
  const at = (wantedRow: number, wantedColumn: number): Cell => ({ row: Math.max(HEAD, Math.min(rows - 1, wantedRow)), column: Math.max(0, Math.min(columns - 1, wantedColumn)) });
  const far = ctrlKey || metaKey;
  switch (key) {
    case 'ArrowDown':
      return at(far ? rows : row + 1, column);
    case 'ArrowUp':
      return at(far ? HEAD : row - 1, column);
    case 'ArrowRight':
      return at(row, far ? columns : column + 1);
    case 'ArrowLeft':
      return at(row, far ? 0 : column - 1);
    case 'PageDown':
      return at(row + page, column);
    case 'PageUp':
      return at(row - page, column);
    case 'Home':
      return at(far ? 0 : row, 0);
    case 'End':
      return at(far ? rows : row, columns);
    default:
      return undefined;
  }
}

/** The id of a cell, by which the table says where one is. */
export const idOfCell = ({ row, column }: Cell): string => `run-${row}-${column}`;
