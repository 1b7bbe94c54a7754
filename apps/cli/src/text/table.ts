import { type Paint, plain, type Style } from './paint.js';
import { flow } from './flow.js';
import { cut, oneLine, widthOf } from './width.js';

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** A text whose end may be cut when the table is wider than the terminal; any other is told whole. */
  readonly shrink?: boolean;
}

/** A text, or one with a meaning. */
export type TableCell = string | { readonly text: string; readonly style: Style };

/** How a table is drawn; without a width everything stands in one line a row, and nothing is cut. */
export interface TableOptions {
  readonly width?: number | undefined;
  readonly paint?: Paint;
  readonly indent?: string;
}

/** A cell with its style, in one line. */
export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

const GAP = '  ';
/** A text that would be cut shorter than this goes below its row instead, where all of it can be read. */
const LEAST = 24;
/** Words that stay as they are in a title within a line. */
const ACRONYMS = /\b(?:utc|psi|auc|ece|id)\b/g;

/**
 * Rows under titles in aligned columns; ends with a new line. Where the terminal is too narrow, texts are cut, the widest first; what would then say
 * too little, and columns that do not fit at all, are told below their row, each after its title.
 */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[], { width, paint = plain, indent = '' }: TableOptions = {}): string {
  const cells = rows.map((row) => columns.map((_, i) => toCell(row[i] ?? '')));
  const natural = columns.map(({ title }, i) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[i]?.text ?? ''))));
  const { across, below, widths } = width === undefined ? { across: columns.map((_, i) => i), below: [], widths: natural } : layOut(columns, natural, width - widthOf(indent));
  const line = (row: readonly Cell[]): string => {
    const parts = across.map((i) => {
      const { text, style } = row[i] ?? { text: '' };
      const shown = cut(text, widths[i] ?? 0);
      const padding = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(shown)));
      const painted = style && shown !== '' ? paint(style, shown) : shown;
      return columns[i]?.align === 'right' ? padding + painted : painted + padding;
    });
    return `${indent}${parts.join(GAP).trimEnd()}\n`;
  };
  const rest = (row: readonly Cell[]): string => {
    const told = below.flatMap((i) => (row[i]?.text ? [[{ text: (columns[i]?.title ?? '').toLowerCase().replace(ACRONYMS, (word) => word.toUpperCase()), style: 'dim' as const }, row[i]]] : []));
    return flow(told, { width: (width ?? 0) - widthOf(indent) - 2 * GAP.length, paint }).map((text) => `${indent}${GAP}${GAP}${text}\n`).join('');
  };
  return line(columns.map(({ title }) => ({ text: title, style: 'dim' as const }))) + cells.map((row) => line(row) + rest(row)).join('');
}

const toCell = (cell: TableCell): Cell => (typeof cell === 'string' ? { text: oneLine(cell) } : { text: oneLine(cell.text), style: cell.style });

/** Which columns stand across, how wide, and which go below: the last ones, until the others fit and enough of every text is seen. */
function layOut(columns: readonly TableColumn[], natural: readonly number[], width: number): { readonly across: readonly number[]; readonly below: readonly number[]; readonly widths: readonly number[] } {
  const all = columns.map((_, i) => i);
  for (let count = columns.length; ; count--) {
    const across = all.slice(0, count);
    const own = columns.slice(0, count);
    const surplusOf = (widths: readonly number[]): number => across.reduce((sum, i) => sum + (widths[i] ?? 0), 0) + GAP.length * (count - 1) - width;
    const widths = shrink(own, natural, surplusOf(natural));
    if (count <= 1 || (surplusOf(widths) <= 0 && across.every((i) => (widths[i] ?? 0) >= Math.min(natural[i] ?? 0, LEAST)))) return { across, below: all.slice(count), widths };
  }
}

/** The widths with so many cells less, taken from texts, the widest first. */
function shrink(columns: readonly TableColumn[], natural: readonly number[], surplus: number): readonly number[] {
  const widths = [...natural];
  for (let left = surplus; left > 0; left--) {
    const [widest] = columns.map(({ shrink: may }, i) => ({ i, cells: may ? (widths[i] ?? 0) : 0 })).sort((a, b) => b.cells - a.cells);
    if (!widest || widest.cells <= 1) break;
    widths[widest.i] = widest.cells - 1;
  }
  return widths;
}
