import type { ReactNode } from 'react';

/** One column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand to the right, one under the other. */
  readonly figures?: boolean;
}

/** A table that scrolls by itself where the screen is narrow; its first column names the row. */
export function Table<Row>({ title, columns, rows, keyOf, hidden = false }: { readonly title: string; readonly columns: readonly Column<Row>[]; readonly rows: readonly Row[]; readonly keyOf: (row: Row) => string; readonly hidden?: boolean }) {
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

/** A picture with its figures in a table beside it. */
export function Figure({ title, says, picture, children }: { readonly title: string; readonly says?: string; readonly picture: ReactNode; readonly children: ReactNode }) {
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        {says === undefined ? undefined : <p>{says}</p>}
      </figcaption>
      <div className="beside">
        <div className="picture">{picture}</div>
        <div>{children}</div>
      </div>
    </figure>
  );
}
