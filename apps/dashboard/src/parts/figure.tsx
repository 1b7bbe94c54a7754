import { type ReactNode, useRef, useState } from 'react';
import { Saves } from './saves.js';
import { sheetOf, type Shows, Table } from './table.js';

interface Parts<Row> {
  readonly title: string;
  readonly says?: string;
  readonly picture: ReactNode;
  /** The figures of the picture; columns without `plain` are saved as they are shown. */
  readonly table: Shows<Row>;
  /** The picture takes the whole width, and its table stands below, closed. */
  readonly wide?: boolean;
}

/** A picture with its figures in a table beside it; the picture can be saved as PNG, the figures as CSV. */
export function Figure<Row>({ title, says, picture, table, wide = false }: Parts<Row>) {
  const drawn = useRef<HTMLDivElement>(null);
  // Thousands of rows that nobody looks at would hold the page up.
  const [opened, open] = useState(false);
  const beside = <Table title={`${title}: figures`} hidden {...table} />;
  return (
    <figure>
      <Saves title={title} drawn={drawn} sheet={() => sheetOf(table.columns, table.rows)}>
        <h3>{title}</h3>
        {says === undefined ? undefined : <p>{says}</p>}
      </Saves>
      <div className={wide ? 'above' : 'beside'}>
        <div className="picture" ref={drawn}>
          {picture}
        </div>
        {wide ? (
          <details onToggle={({ currentTarget }) => open(currentTarget.open)}>
            <summary>Figures</summary>
            {opened ? beside : undefined}
          </details>
        ) : (
          <div>{beside}</div>
        )}
      </div>
    </figure>
  );
}
