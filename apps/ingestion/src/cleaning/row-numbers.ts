import { engine, type Tables } from '@millrace/tables';
import type { RawTable } from '../reading/raw-table.js';
import { countedWith, type Rejects, replaceTable } from '../reading/rejects.js';

/** Staged rows, of which some files may have to be settled. */
export interface Unnumbered {
  readonly opened: readonly RawTable[];
  /** Whether `_row` is missing: every record that could be read stands in the stage, in the order of the files. */
  readonly isPlaced: boolean;
  readonly signal: AbortSignal;
}

/** Makes of the table `<name>_rows` the relation `name`, in which every row has its place `_at` and the number `_row` of its record in its file. Gives the files with the records of each that could not be read. */
export async function numberRows(tables: Tables, name: string, { opened, isPlaced, signal }: Unnumbered): Promise<readonly RawTable[]> {
  const raws: RawTable[] = [];
  const late = new Map<number, Rejects>();
  for (const [file, { settle, ...raw }] of opened.entries()) {
    const rejects = settle ? await settle() : raw.rejects;
    if (settle && rejects) late.set(file, rejects);
    raws.push({ ...raw, rejects });
  }
  const row = isPlaced ? `${engine.place} + 1 - ${await rowsBefore(tables, name, opened.length)}` : undefined;
  if (late.size === 0) await placeRows(tables, name, row);
  else {
    await replaceTable(tables, `${name}_rows`, countedWith(late, row === undefined ? `${name}_rows` : `(SELECT ${row} AS _row, * FROM ${name}_rows)`), { signal });
    await placeRows(tables, name);
  }
  return raws;
}

/** Makes of the table `<name>_rows` the relation `name`, in which every row has its place, and the number `row` where it is given. */
export async function placeRows(tables: Tables, name: string, row?: string): Promise<void> {
  await tables.run(`CREATE OR REPLACE TEMP VIEW ${name} AS SELECT ${[`${engine.place} AS _at`, ...(row === undefined ? [] : [`${row} AS _row`]), '*'].join(', ')} FROM ${name}_rows`);
}

/** SQL of how many rows stand before those of the file of a row. */
async function rowsBefore(tables: Tables, name: string, files: number): Promise<string> {
  if (files === 1) return '0';
  const counts = new Map((await tables.rows<{ _file: number; n: bigint }>(`SELECT _file, count(*) AS n FROM ${name}_rows GROUP BY _file`)).map(({ _file, n }) => [_file, n]));
  let sum = 0n;
  const before = Array.from({ length: files }, (_, file) => {
    const here = sum;
    sum += counts.get(file) ?? 0n;
    return here;
  });
  return `[${before.join(', ')}][_file + 1]`;
}
