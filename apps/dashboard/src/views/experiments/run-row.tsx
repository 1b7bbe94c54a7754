import type { Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { memo } from 'react';
import { type Cell, idOfCell } from './grid-keys.js';
import { FIELDS, type GridColumn, idOf, isToldById, nameOf } from './run-columns.js';

/** A column that is on the screen, and where it begins. */
export interface Shown {
  readonly index: number;
  readonly start: number;
  readonly column: GridColumn;
}

interface Parts {
  readonly row: number;
  readonly top: number;
  readonly run: Run | undefined;
  /** The run with the values of each shown column. */
  readonly parts: readonly (Run | undefined)[];
  readonly shown: readonly Shown[];
  readonly chosen: boolean;
  /** The column of the cell that one is at, in this row. */
  readonly active: number | undefined;
  readonly onCell: (cell: Cell) => void;
  readonly onChoose: (run: string) => void;
  readonly onOpen: (run: string) => void;
}

/** A run as a row of the table; drawn anew only where something of it has changed. */
export const RunRow = memo(({ row, top, run, parts, shown, chosen, active, onCell, onChoose, onOpen }: Parts) => {
  const id = run ? idOf(run) : '';
  return (
    <div className="row" role="row" aria-rowindex={row + 2} aria-selected={chosen} style={{ transform: `translateY(${top}px)` }} data-odd={row % 2 === 1 || undefined}>
      <div id={idOfCell({ row, column: 0 })} className="lead-cell" role="rowheader" aria-colindex={1} data-active={active === 0 || undefined} onClick={() => onCell({ row, column: 0 })}>
        {run ? (
          <>
            <input type="checkbox" tabIndex={-1} checked={chosen} onChange={() => onChoose(id)} aria-label={`Compare ${nameOf(run)}`} />
            <button type="button" className="plain" tabIndex={-1} onClick={() => onOpen(id)}>
              {nameOf(run)}
            </button>
            {isToldById(run) ? undefined : <small>{id.slice(-6)}</small>}
          </>
        ) : (
          <span className="unread">…</span>
        )}
      </div>
      {shown.map(({ index, start, column }, i) => (
        <RunCell key={index} row={row} index={index} start={start} column={column} run={index < FIELDS.length ? run : parts[i]} active={active === index + 1} onCell={onCell} />
      ))}
    </div>
  );
}, isSame);

interface CellParts {
  readonly row: number;
  readonly index: number;
  readonly start: number;
  readonly column: GridColumn;
  readonly run: Run | undefined;
  readonly active: boolean;
  readonly onCell: (cell: Cell) => void;
}

/** What a run has in one column; most cells stay as they are when the table moves. */
const RunCell = memo(({ row, index, start, column, run, active, onCell }: CellParts) => (
  <div id={idOfCell({ row, column: index + 1 })} role="gridcell" aria-colindex={index + 2} className={column.figures ? 'figures' : undefined} data-active={active || undefined} style={{ left: start }} onClick={() => onCell({ row, column: index + 1 })}>
    {run ? column.cell(run) : ''}
  </div>
));

function isSame(a: Parts, b: Parts): boolean {
  return a.run === b.run && a.shown === b.shown && a.chosen === b.chosen && a.active === b.active && a.top === b.top && a.onChoose === b.onChoose && a.onOpen === b.onOpen && a.parts.every((part, i) => part === b.parts[i]);
}
