import { engine, ident, number, type Tables, text } from '@millrace/tables';
import { type Contract, keyColumns } from '../contract.js';
import { errors } from '../errors.js';
import type { RawTable } from '../reading/raw-table.js';
import type { TimeFilter } from '../reading/source.js';
import { type Cell, cellOf, layered } from './cell.js';
import { type Faults, faultsOf } from './faults.js';
import { flags, ODD, oddCells, type OddCells } from './odd-cells.js';
import { partitionKey } from './partition-key.js';
import { numberRows } from './row-numbers.js';

/**
 * Typed rows of all files as a relation: `_at` (their place in the stage), `_file`, `_row`, `_hash` of the key, `_faulty`, `_odd` (see `OddCells`), `_part`
 * where the contract cuts by time (NULL for rows of no part), and the columns.
 */
export interface Stage {
  readonly table: string;
  readonly odd: OddCells;
  /** What sets a row aside; all of it together stands in `_faulty`, because every later step asks for it. */
  readonly faults: Faults;
}

const STAGE = 'staged';

interface Staging {
  readonly contract: Contract;
  readonly timeFilter: TimeFilter | undefined;
  readonly done?: readonly string[];
  readonly signal: AbortSignal;
}

/** Reads the files into the stage, converting every cell; throws where a column is missing, unwanted or impossible. The parts of `done` (their keys) are left out. Gives the files with the records of each that could not be read. */
export async function stageRows(tables: Tables, opened: readonly RawTable[], { contract, timeFilter, done = [], signal }: Staging): Promise<Stage & { readonly raws: readonly RawTable[] }> {
  const cells = opened.map((raw) => cellsOf(raw, contract));
  const odd = oddCells(cells, contract.columns.length);
  // The place of a row tells its number only where each row of each file has one.
  const isPlaced = opened.every(({ settle }) => settle !== undefined) && timeFilter === undefined && done.length === 0;
  const selects = opened.map((raw, file) => {
    const list = contract.columns.flatMap((column, i) => {
      const cell = cells[file]?.[i];
      if (cell === undefined) return [];
      const { bad, mend, raw: stood } = flags(i);
      return [`${cell.value} AS ${ident(column.name)}`, ...(odd.canFail(i) || odd.canMend(i) ? [`${cell.bad ?? 'false'} AS ${bad}`, `${cell.repaired ?? 'false'} AS ${mend}`, `${engine.text(cell.raw)} AS ${stood}`] : [])];
    });
    const relation = raw.settle && !isPlaced ? `(SELECT row_number() OVER () AS _row, * FROM ${raw.relation})` : raw.relation;
    return `SELECT ${[`${file} AS _file`, ...(isPlaced ? [] : ['_row']), ...list].join(', ')} FROM ${layered(relation, cells[file] ?? [])}`;
  });
  const faults = faultsOf(contract, { canFail: odd.canFail, bad: (i) => flags(i).bad });
  const key = keyColumns(contract).map(ident);
  const kept = ['_file', ...(isPlaced ? [] : ['_row']), `${engine.hash(key)} AS _hash`, `(${faults.any}) AS _faulty`, `${odd.list} AS ${ODD}`, ...(contract.partition ? [`${partitionKey(contract.partition)} AS _part`] : []), ...contract.columns.map(({ name }) => ident(name))];
  const ranged = `SELECT ${kept.join(', ')} FROM (${selects.join(' UNION ALL ')})${inRange(timeFilter, contract)}`;
  const left = done.length === 0 ? ranged : `SELECT * FROM (${ranged}) WHERE coalesce(_part, '') NOT IN (${done.map(text).join(', ')})`;
  await tables.run(`CREATE TEMP TABLE ${STAGE}_rows AS ${left}`, { signal });
  const raws = await numberRows(tables, STAGE, { opened, isPlaced, signal });
  return { table: STAGE, odd, faults: { ...faultsOf(contract, odd), any: '_faulty' }, raws };
}

/** How the columns of one file become those of the contract. What is missing is told before what is too much: it is the likelier cause of both. */
function cellsOf(raw: RawTable, contract: Contract): readonly (Cell & { readonly raw: string })[] {
  const file = raw.file.label;
  const found = [...raw.columns.keys()];
  const missing = contract.columns.find(({ sourceName }) => !raw.columns.has(sourceName));
  if (missing) throw errors.COLUMN_MISSING({ file, column: missing.sourceName, found: found.slice(0, 30).join(', ') });
  const wanted = new Set(contract.columns.map(({ sourceName }) => sourceName));
  const extra = contract.extraColumns === 'FAIL' ? found.find((name) => !wanted.has(name)) : undefined;
  if (extra !== undefined) throw errors.COLUMN_EXTRA({ file, column: extra });
  return contract.columns.map((column, i) => {
    const source = raw.columns.get(column.sourceName);
    const cell = source && cellOf(column, source, String(i));
    if (!source || !cell) throw errors.COLUMN_UNSUPPORTED({ file, column: column.sourceName, type: source?.kind ?? '', wanted: column.type });
    return { ...cell, raw: source.sql };
  });
}

/** A row whose time cannot be read belongs to no range, so it stays and is judged like every other. */
function inRange(filter: TimeFilter | undefined, contract: Contract): string {
  if (filter === undefined) return '';
  const column = contract.columns.find(({ name }) => name === filter.column);
  if (column?.type !== 'TIMESTAMP') throw errors.INVALID_SOURCE({ why: `time_filter.column "${filter.column}" is not a TIMESTAMP column of the contract` });
  const x = ident(column.name);
  const bounds = [
    ...(filter.from === undefined ? [] : [`${x} >= ${engine.time(number(filter.from))}`]),
    ...(filter.to === undefined ? [] : [`${x} < ${engine.time(number(filter.to))}`]),
  ];
  return bounds.length === 0 ? '' : ` WHERE ${x} IS NULL OR (${bounds.join(' AND ')})`;
}
