import type { RunColumn } from '@millrace/contracts/millrace/registry/v1/experiment';
import { useState } from 'react';
import { Dialog } from '../../parts/dialog.js';
import { plural } from '../../text.js';

interface Parts {
  readonly title: string;
  readonly columns: readonly RunColumn[];
  /** Undefined means those that are shown by themselves. */
  readonly chosen: readonly string[] | undefined;
  readonly byItself: readonly string[];
  /** So many may be chosen. */
  readonly most: number;
  readonly onChoose: (columns: readonly string[] | undefined) => void;
}

/** So many columns are listed; a word narrows them down. */
const LISTED = 200;

/** A button that opens the choice of columns, in the order in which they are listed. */
export function ColumnChoice({ title, columns, chosen, byItself, most, onChoose }: Parts) {
  const [open, show] = useState(false);
  const [word, write] = useState('');
  const now = chosen ?? byItself;
  const fitting = columns.filter(({ column }) => column.toLowerCase().includes(word.trim().toLowerCase()));
  const set = (wanted: ReadonlySet<string>): void => onChoose(columns.map(({ column }) => column).filter((column) => wanted.has(column)).slice(0, most));
  const toggle = (column: string): void => set(new Set(now.includes(column) ? now.filter((each) => each !== column) : [...now, column]));
  return (
    <>
      <button type="button" onClick={() => show(true)}>
        {title} <small>{now.length === columns.length ? 'all' : `${now.length} of ${columns.length}`}</small>
      </button>
      {open ? (
        <Dialog title={title} onClose={() => show(false)}>
          <div className="columns">
            <p className="acts">
              <input type="search" aria-label="Columns that hold" placeholder="Part of a name" value={word} onChange={({ target }) => write(target.value)} />
              {most < columns.length ? undefined : (
                <button type="button" onClick={() => set(new Set([...now, ...fitting.map(({ column }) => column)]))}>
                  Show these {fitting.length}
                </button>
              )}
              <button type="button" onClick={() => set(new Set(now.filter((each) => !fitting.some(({ column }) => column === each))))}>
                Hide these
              </button>
              <button type="button" onClick={() => onChoose(undefined)}>
                As it was
              </button>
            </p>
            {most < columns.length ? <p className="quiet">At most {most} fit side by side.</p> : undefined}
            <ul>
              {fitting.slice(0, LISTED).map(({ column }) => (
                <li key={column}>
                  <label>
                    <input type="checkbox" checked={now.includes(column)} disabled={!now.includes(column) && now.length >= most} onChange={() => toggle(column)} /> {column}
                  </label>
                </li>
              ))}
            </ul>
            {fitting.length > LISTED ? <p className="quiet">{plural(fitting.length - LISTED, 'more column')}: write more of the name.</p> : undefined}
            {fitting.length === 0 ? <p className="quiet">No column holds this.</p> : undefined}
          </div>
          <p className="answers">
            <button type="button" className="main" onClick={() => show(false)}>
              Done
            </button>
          </p>
        </Dialog>
      ) : undefined}
    </>
  );
}
