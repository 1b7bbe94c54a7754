import { type Paint, plain, type Style } from './paint.js';
import { cut, oneLine, widthOf } from './width.js';

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut when the table is wider than the terminal. */
  readonly shrink?: boolean;
}

/** A text, or one with a meaning. */
export type TableCell = string | { readonly text: string; readonly style: Style };

/** How a table is drawn; without a width nothing is cut. */
export interface TableOptions {
  readonly width?: number | undefined;
  readonly paint?: Paint;
  readonly indent?: string;
}

const GAP = '  ';
const LEAST = 6;

/** Rows under titles in aligned columns; columns that may shrink are cut until the table fits, the widest first. Ends with a new line. */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[], { width, paint = plain, indent = '' }: TableOptions = {}): string {
  const cells = rows.map((row) => columns.map((_, i) => toCell(row[i] ?? '')));
  const widths = columns.map(({ title }, i) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[i]?.text ?? ''))));
  if (width !== undefined) shrink(columns, widths, width - widthOf(indent));
  const line = (row: readonly Cell[]): string => {
    const parts = columns.map(({ align = 'left' }, i) => {
      const { text, style } = row[i] ?? { text: '' };
      const shown = cut(text, widths[i] ?? 0);
      const padding = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(shown)));
      const painted = style && shown !== '' ? paint(style, shown) : shown;
      return align === 'right' ? padding + painted : painted + padding;
    });
    return `${indent}${parts.join(GAP).trimEnd()}\n`;
  };
  return line(columns.map(({ title }) => ({ text: title, style: 'dim' as const }))) + cells.map(line).join('');
}

interface Cell {
  readonly text: string;
  readonly style?: Style;
}

const toCell = (cell: TableCell): Cell => (typeof cell === 'string' ? { text: oneLine(cell) } : { text: oneLine(cell.text), style: cell.style });

function shrink(columns: readonly TableColumn[], widths: number[], width: number): void {
  let surplus = widths.reduce((sum, cells) => sum + cells, 0) + GAP.length * (widths.length - 1) - width;
  while (surplus > 0) {
    const [widest] = columns
      .map(({ shrink: may }, i) => ({ i, cells: may ? (widths[i] ?? 0) : 0 }))
      .filter(({ cells }) => cells > LEAST)
      .sort((a, b) => b.cells - a.cells);
    if (!widest) return;
    widths[widest.i] = widest.cells - 1;
    surplus--;
  }
}
