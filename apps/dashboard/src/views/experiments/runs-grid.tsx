import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useEffect, useMemo, useRef, useState } from 'react';
import { Empty, Failure, Loading } from '../../parts/states.js';
import { plural } from '../../text.js';
import { type Cell, cellAfter, HEAD, idOfCell } from './grid-keys.js';
import { FIELDS, type GridColumn, idOf } from './run-columns.js';
import { RunRow, type Shown } from './run-row.js';
import { type Question, useTiles } from './run-tiles.js';

/** Heights and widths of the table, in pixels. */
const ROW = 34;
const HEADING = 46;
const WIDTH = 136;
/** Room for a bar to scroll by. */
const BAR = 18;
/** So much more is drawn than is seen, so that a small move shows nothing empty. */
const ROWS_AROUND = 6;
const COLUMNS_AROUND = 2;

interface Parts {
  readonly experiment: string;
  readonly filter: string;
  readonly sort: string;
  readonly columns: readonly GridColumn[];
  readonly chosen: readonly string[];
  readonly onSort: (order: string) => void;
  readonly onChoose: (run: string) => void;
  readonly onOpen: (run: string) => void;
}

/** The order after a column was asked for: by it, the other way round, and then newest first again. */
function orderAfter(sort: string, { name, greatestFirst }: GridColumn): string {
  const [first, second] = greatestFirst ? [`${name} desc`, name] : [name, `${name} desc`];
  return sort === first ? second : sort === second ? '' : first;
}

/** A table of any number of runs and columns, of which only what is looked at is there: sorted and filtered by the home, gone through by keys. */
export function RunsGrid({ experiment, filter, sort, columns: own, chosen, onSort, onChoose, onOpen }: Parts) {
  const box = useRef<HTMLDivElement>(null);
  const [wanted, go] = useState<Cell>({ row: 0, column: 0 });
  const columns = useMemo(() => [...FIELDS, ...own], [own]);
  const question = useMemo<Question>(() => ({ experiment, filter, sort, columns: own.map(({ name }) => name) }), [experiment, filter, sort, own]);
  const narrow = matchMedia('(max-width: 40rem)').matches;
  const lead = narrow ? 148 : 208;
  const [known, know] = useState(0);
  const across = useVirtualizer({ horizontal: true, count: columns.length, getScrollElement: () => box.current, estimateSize: () => WIDTH, overscan: COLUMNS_AROUND, scrollMargin: lead, scrollPaddingStart: lead, paddingEnd: 1 });
  const down = useVirtualizer({ count: known, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: ROWS_AROUND, scrollMargin: HEADING, scrollPaddingStart: HEADING });
  const [shownColumns, shownRows] = [across.getVirtualItems(), down.getVirtualItems()];
  const [leftmost, topmost] = [shownColumns[0]?.index ?? 0, shownRows[0]?.index ?? 0];
  const data = (index: number): number => Math.max(0, index - FIELDS.length);
  const tiles = useTiles(question, { rows: [topmost, shownRows.at(-1)?.index ?? 0], columns: [data(leftmost), data(shownColumns.at(-1)?.index ?? 0)] }, down.isScrolling || across.isScrolling);
  const total = tiles.total ?? 0;
  if (total !== known) know(total);
  // In braces: a browser may give a promise for it, and React would call what is given.
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [filter, sort]);
  const [row, column] = [Math.min(wanted.row, total - 1), Math.min(wanted.column, columns.length)];
  // The same as long as it says the same: rows are drawn anew when it changes.
  const cell = useMemo<Cell>(() => ({ row, column }), [row, column]);
  // What is scrolled away is not there to be named.
  const there = (cell.row === HEAD || shownRows.some(({ index }) => index === cell.row)) && (cell.column === 0 || shownColumns.some(({ index }) => index === cell.column - 1));
  const shown = useMemo<readonly Shown[]>(() => shownColumns.flatMap(({ index, start }) => (columns[index] ? [{ index, start, column: columns[index] }] : [])), [shownColumns, columns]);

  const move = (next: Cell): void => {
    go(next);
    if (next.row !== HEAD) down.scrollToIndex(next.row);
    if (next.column > 0) across.scrollToIndex(next.column - 1);
    else box.current?.scrollTo({ left: 0 });
  };
  const press = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.altKey) return;
    const next = cellAfter(cell, event, { rows: total, columns: columns.length + 1, page: Math.max(1, Math.floor(((box.current?.clientHeight ?? ROW) - HEADING) / ROW) - 1) });
    if (next) {
      event.preventDefault();
      return move(next);
    }
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    const column = columns[cell.column - 1];
    if (cell.row === HEAD) return column?.sorted ? onSort(orderAfter(sort, column)) : undefined;
    const run = tiles.run(cell.row);
    if (run) (event.key === ' ' ? onChoose : onOpen)(idOf(run));
  };

  if (tiles.failure && tiles.total === undefined) return <Failure failure={tiles.failure} />;
  if (tiles.total === undefined) return <Loading what="runs" />;
  const style = { '--lead': `${lead}px`, '--row': `${ROW}px`, '--heading': `${HEADING}px`, '--column': `${WIDTH}px`, '--across': `${across.getTotalSize() + lead}px`, '--whole': `${HEADING + total * ROW + BAR}px` } as CSSProperties;
  const [name, way] = sort.split(' ');
  return (
    <>
      {tiles.failure ? <Failure failure={tiles.failure} stale /> : undefined}
      {total === 0 ? <Empty title="No run fits">Change what runs must have, or show all of them.</Empty> : undefined}
      <div
        ref={box}
        className="runs"
        style={style}
        role="grid"
        aria-label="Runs"
        aria-describedby="runs-keys"
        aria-multiselectable="true"
        aria-rowcount={total + 1}
        aria-colcount={columns.length + 1}
        aria-activedescendant={there ? idOfCell(cell) : undefined}
        tabIndex={0}
        onKeyDown={press}
      >
        <div className="heads" role="row" aria-rowindex={1}>
          <div id={idOfCell({ row: HEAD, column: 0 })} className="lead-cell" role="columnheader" aria-colindex={1} data-active={isAt(cell, HEAD, 0)} onClick={() => go({ row: HEAD, column: 0 })}>
            <small />
            {plural(total, 'run')}
          </div>
          {shown.map(({ index, start, column }) => {
            const order = column.name !== name ? undefined : way === 'desc' ? 'descending' : 'ascending';
            const sortBy = (): void => {
              go({ row: HEAD, column: index + 1 });
              if (column.sorted) onSort(orderAfter(sort, column));
            };
            return (
              <div key={index} id={idOfCell({ row: HEAD, column: index + 1 })} role="columnheader" aria-colindex={index + 2} aria-sort={order} className={column.figures ? 'figures' : undefined} data-active={isAt(cell, HEAD, index + 1)} data-sorted={column.sorted || undefined} title={column.name} style={{ left: start }} onClick={sortBy}>
                <small>{column.above}</small>
                <span>{column.title}</span>
                {order === undefined ? undefined : <i aria-hidden="true">{order === 'descending' ? '↓' : '↑'}</i>}
              </div>
            );
          })}
        </div>
        <div className="body" role="rowgroup" style={{ height: down.getTotalSize() }}>
          {shownRows.map(({ index, start }) => {
            const run = tiles.run(index);
            return <RunRow key={index} row={index} top={start - HEADING} run={run} parts={shown.map(({ index: column }) => tiles.part(index, data(column)))} shown={shown} chosen={run !== undefined && chosen.includes(idOf(run))} active={cell.row === index ? cell.column : undefined} onCell={go} onChoose={onChoose} onOpen={onOpen} />;
          })}
        </div>
      </div>
      <p id="runs-keys" className="quiet">
        <small>
          In the table, arrow keys go from cell to cell, <kbd>space</kbd> chooses a run, <kbd>enter</kbd> opens it, or sorts by a heading.
        </small>
      </p>
    </>
  );
}

const isAt = (cell: Cell, row: number, column: number): true | undefined => (cell.row === row && cell.column === column) || undefined;
