import { type ReactNode, type RefObject, useState } from 'react';
import { saveCsv, savePng } from './save.js';
import type { Sheet } from './sheet.js';

interface Parts {
  readonly title: string;
  /** What is saved as a picture. */
  readonly drawn: RefObject<HTMLElement | null>;
  /** The figures of the picture, in full. */
  readonly sheet: () => Sheet;
  /** Stands before the buttons. */
  readonly children?: ReactNode;
}

/** The caption of a figure, with what saves it as PNG and its figures as CSV; says so where it cannot be drawn. */
export function Saves({ title, drawn, sheet, children }: Parts) {
  const [wrong, set] = useState('');
  const png = (): void => {
    if (!drawn.current) return;
    set('');
    savePng(title, drawn.current).catch((error: unknown) => set(error instanceof Error ? error.message : `“${title}” cannot be drawn.`));
  };
  return (
    <>
      <figcaption>
        <div>{children}</div>
        <p className="saves">
          <button type="button" className="plain" onClick={png} aria-label={`Save “${title}” as PNG`}>
            PNG
          </button>
          <button type="button" className="plain" onClick={() => saveCsv(title, sheet())} aria-label={`Save “${title}” as CSV`}>
            CSV
          </button>
        </p>
      </figcaption>
      {wrong === '' ? undefined : <p role="alert" className="failure">{wrong}</p>}
    </>
  );
}
