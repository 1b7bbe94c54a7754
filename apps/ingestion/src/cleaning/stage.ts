import { engine, ident, number, type Tables, text } from '@millrace/tables';
import type { Contract } from '../contract.js';
import { errors } from '../errors.js';
import type { RawTable } from '../reading/raw-table.js';
import type { TimeFilter } from '../reading/source.js';
import { type Cell, cellOf, layered } from './cell.js';
import { partitionKey } from './partition-key.js';
import { type Faults, faultsOf } from './faults.js';

/** Typed rows of all files in one temporary table: `_file`, `_row`, `_repeats` (0 until duplicates are found), `_faulty`, `_part` where the contract cuts by time (NULL for rows of no part), the columns, and `_bad_i`, `_mend_i`, `_text_i` where column i can be at fault. */
export interface Stage {
  readonly table: string;
  /** Columns (by index in the contract) whose cells can be unreadable, or mended. */
  readonly canFail: ReadonlySet<number>;
  readonly canMend: ReadonlySet<number>;
  /** What sets a row aside; all of it together stands in `_faulty`, because every later step asks for it. */
  readonly faults: Faults;
}

/** Reads the files into the stage, converting every cell; throws where a column is missing, unwanted or impossible. The parts of `done` (their keys) are left out. */
export async function stageRows(tables: Tables, raws: readonly RawTable[], { contract, timeFilter, done = [], signal }: { contract: Contract; timeFilter: TimeFilter | undefined; done?: readonly string[]; signal: AbortSignal }): Promise<Stage> {
  const cells = raws.map((raw) => cellsOf(raw, contract));
  const canFail = indices(contract, (i) => cells.some((row) => row[i]?.bad !== undefined));
  const canMend = indices(contract, (i) => cells.some((row) => row[i]?.repaired !== undefined));
  const selects = raws.map((raw, file) => {
    const list = contract.columns.flatMap((column, i) => {
      const cell = cells[file]?.[i];
      if (cell === undefined) return [];
      return [
        `${cell.value} AS ${ident(column.name)}`,
        ...(canFail.has(i) ? [`${cell.bad ?? 'false'} AS _bad_${i}`] : []),
        ...(canMend.has(i) ? [`${cell.repaired ?? 'false'} AS _mend_${i}`] : []),
        ...(canFail.has(i) || canMend.has(i) ? [`CASE WHEN ${cell.bad ?? 'false'} OR ${cell.repaired ?? 'false'} THEN CAST(${cell.raw} AS VARCHAR) END AS _text_${i}`] : []),
      ];
    });
    return `SELECT ${[`${file} AS _file`, '_row', `${engine.bit('0')} AS _repeats`, ...list].join(', ')} FROM ${layered(raw.relation, cells[file] ?? [])}`;
  });
  const all = selects.join(' UNION ALL ');
  const faults = faultsOf(contract, { canFail });
  const ranged = `SELECT *, (${faults.any}) AS _faulty${contract.partition ? `, ${partitionKey(contract.partition)} AS _part` : ''} FROM (${all})${inRange(timeFilter, contract)}`;
  const left = done.length === 0 ? ranged : `SELECT * FROM (${ranged}) WHERE coalesce(_part, '') NOT IN (${done.map(text).join(', ')})`;
  await tables.run(`CREATE TEMP TABLE staged AS ${left}`, { signal });
  return { table: 'staged', canFail, canMend, faults: { ...faults, any: '_faulty' } };
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

const indices = (contract: Contract, holds: (index: number) => boolean): ReadonlySet<number> => new Set(contract.columns.flatMap((_, index) => (holds(index) ? [index] : [])));

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
