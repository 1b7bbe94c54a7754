import { type ReactNode, useRef, useState } from 'react';
import { saveCsv, savePng } from './save.js';
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
  const [wrong, set] = useState('');
  // Thousands of rows that nobody looks at would hold the page up.
  const [opened, open] = useState(false);
  const png = (): void => {
    if (!drawn.current) return;
    set('');
    savePng(title, drawn.current).catch((error: unknown) => set(error instanceof Error ? error.message : `“${title}” cannot be drawn.`));
  };
  const beside = <Table title={`${title}: figures`} hidden {...table} />;
  return (
    <figure>
      <figcaption>
        <div>
          <h3>{title}</h3>
          {says === undefined ? undefined : <p>{says}</p>}
        </div>
        <p className="saves">
          <button type="button" className="plain" onClick={png} aria-label={`Save “${title}” as PNG`}>
            PNG
          </button>
          <button type="button" className="plain" onClick={() => saveCsv(title, sheetOf(table.columns, table.rows))} aria-label={`Save “${title}” as CSV`}>
            CSV
          </button>
        </p>
      </figcaption>
      {wrong === '' ? undefined : <p role="alert" className="failure">{wrong}</p>}
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
