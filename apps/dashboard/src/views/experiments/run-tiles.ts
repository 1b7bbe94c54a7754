import type { Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { ListRunsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { useMemo, useRef, useState } from 'react';
import { registryCalls } from '../../calls/registry.js';
import { answers, useAnswers } from '../../client/answers.js';
import type { Call, RestFailure } from '../../client/rest.js';

/** So many rows and columns are asked for at once: what is looked at, and a little around it. */
export const TILE = { rows: 50, columns: 25 } as const;

/** Which runs the table shows, and with which columns. */
export interface Question {
  readonly experiment: string;
  readonly filter: string;
  readonly sort: string;
  readonly columns: readonly string[];
}

/** What stands on the screen: the first and the last row, and the first and the last column. */
export interface Looked {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** What is known of the table. */
export interface Tiles {
  /** How many rows there are; undefined while nothing is known. */
  readonly total: number | undefined;
  readonly failure: RestFailure | undefined;
  /** The run of a row. */
  readonly run: (row: number) => Run | undefined;
  /** The run of a row with the values of the column's tile: the same run, whatever has moved between two answers. */
  readonly part: (row: number, column: number) => Run | undefined;
}

/** Reads the part of the table that is looked at; while it moves fast, only what is known already is shown. */
export function useTiles(question: Question, looked: Looked, moving: boolean): Tiles {
  const callOf = useCalls(question);
  const [asked, ask] = useState(looked);
  const settled = moving && asked.rows[0] !== -1 ? asked : looked;
  if (settled !== asked && !same(settled, asked)) ask(settled);
  const [rows, columns] = [between(settled.rows, TILE.rows), between(settled.columns, TILE.columns)];
  useAnswers(rows.flatMap((row) => columns.map((column) => callOf(row, column))));
  const first = answers.get<ListRunsResponse>(callOf(rows[0] ?? 0, columns[0] ?? 0).path);
  const last = useRef<number>(undefined);
  const total = first.value?.totalSize ?? (first.failure ? undefined : last.current);
  last.current = total;
  const tileOf = (row: number, column: number): ListRunsResponse | undefined => answers.get<ListRunsResponse>(callOf(Math.floor(row / TILE.rows), Math.floor(column / TILE.columns)).path).value;
  const run = (row: number): Run | undefined => tileOf(row, looked.columns[0])?.runs[row % TILE.rows];
  const part = (row: number, column: number): Run | undefined => {
    const [whose, tile] = [run(row)?.name, tileOf(row, column)];
    return whose === undefined || !tile ? undefined : byName(tile).get(whose);
  };
  return { total, failure: first.failure, run, part };
}

/** Calls by tile; the same call for the same tile of one question. */
function useCalls({ experiment, filter, sort, columns }: Question): (row: number, column: number) => Call<ListRunsResponse> {
  return useMemo(() => {
    const known = new Map<string, Call<ListRunsResponse>>();
    return (row, column) => {
      const key = `${row} ${column}`;
      const call = known.get(key) ?? registryCalls.runs(experiment, { filter, order: sort, skip: row * TILE.rows, size: TILE.rows, columns: columns.slice(column * TILE.columns, (column + 1) * TILE.columns) });
      known.set(key, call);
      return call;
    };
  }, [experiment, filter, sort, columns]);
}

const named = new WeakMap<ListRunsResponse, ReadonlyMap<string, Run>>();

function byName(tile: ListRunsResponse): ReadonlyMap<string, Run> {
  const found = named.get(tile) ?? new Map(tile.runs.map((run) => [run.name, run]));
  named.set(tile, found);
  return found;
}

const same = (a: Looked, b: Looked): boolean => [...a.rows, ...a.columns].every((edge, i) => edge === [...b.rows, ...b.columns][i]);

/** The tiles that hold a stretch of rows or columns. */
function between([from, to]: readonly [number, number], size: number): readonly number[] {
  const [first, last] = [Math.floor(from / size), Math.floor(Math.max(from, to) / size)];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
