import type { ReactNode } from 'react';
import type { Plain, Sheet } from './sheet.js';

/** One column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand to the right, one under the other. */
  readonly figures?: boolean;
  /** What a saved file holds in place of what is shown, such as a figure in full; without it, the text of the cell. */
  readonly plain?: (row: Row) => Plain;
}

/** The rows of a table as a file keeps them. */
export const sheetOf = <Row,>(columns: readonly Column<Row>[], rows: readonly Row[]): Sheet => ({ columns: columns.map(({ head }) => head), rows: rows.map((row) => columns.map(({ cell, plain }) => (plain ? plain(row) : plainText(cell(row))))) });

const plainText = (node: ReactNode): Plain => (typeof node === 'string' || typeof node === 'number' || typeof node === 'bigint' ? node : undefined);

/** What a table shows. */
export interface Shows<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** A table that scrolls by itself where the screen is narrow; its first column names the row. */
export function Table<Row>({ title, columns, rows, keyOf, hidden = false }: Shows<Row> & { readonly title: string; readonly hidden?: boolean }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption className={hidden ? 'unseen' : undefined}>{title}</caption>
        <thead>
          <tr>
            {columns.map(({ head, figures }) => (
              <th key={head} scope="col" className={figures ? 'figures' : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, figures }, i) =>
                i === 0 ? (
                  <th key={head} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={head} className={figures ? 'figures' : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Facts, each with its name. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
