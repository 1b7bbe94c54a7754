import { AppError, type Schema } from '@millrace/core';
import type { ColumnInput } from '@millrace/tables';
import { type FeatureView, sourceColumns } from '../feature-view.js';
import type { NumberedPush } from '../online/online.store.js';
import { type CellReader, readColumns } from '../online/pushed-table.js';
import { keyText } from '../online/view-delta.js';
import { PLACE, PUSH, PUSH_ROW } from './source-rows-sql.js';

/** Which pushed rows are wanted: those of one key and of events after a microsecond. */
export interface WantedRows {
  readonly schema: Schema;
  readonly key: string;
  readonly after: number;
}

/** Pushed rows stand behind all rows of a version. */
const FIRST_PLACE = 1n << 52n;

/** The pushed rows of one key as columns that a session loads: those that the view reads, and where each came from. A table that lacks a column of the view has added nothing online, and adds nothing here. */
export async function pushedColumns(view: FeatureView, pushes: AsyncIterable<NumberedPush>, { schema, key, after }: WantedRows): Promise<readonly ColumnInput[]> {
  const places: { readonly push: bigint; readonly row: bigint }[] = [];
  const cells = schema.map((): ReturnType<CellReader>[] => []);
  for await (const { push, table } of pushes) {
    const readers = readersOf(view, table, schema);
    if (!readers) continue;
    const read = (column: string): CellReader => readers.get(column) ?? (() => undefined);
    const keys = view.keyColumns.map(read);
    const event = read(view.eventTime);
    for (let row = 0; row < table.rows; row++) {
      const values = keys.map((cell) => cell(row));
      if (values.includes(undefined) || keyText(values.map(String)) !== key || !(Number(event(row) ?? -Infinity) > after)) continue;
      places.push({ push, row: BigInt(row + 1) });
      for (const [i, { name }] of schema.entries()) cells[i]?.push(read(name)(row));
    }
  }
  const whole = (name: string, values: readonly bigint[]): ColumnInput => ({ name, type: 'INT64', values: BigInt64Array.from(values) });
  return [
    ...schema.map(({ name, type }, i): ColumnInput => {
      const column = cells[i] ?? [];
      return type === 'TIMESTAMP' ? { name, type, values: BigInt64Array.from(column, (cell) => BigInt(cell ?? 0)), nulls: Uint8Array.from(column, (cell) => Number(cell === undefined)) } : { name, type, values: column };
    }),
    whole(PLACE, places.map((_, i) => FIRST_PLACE + BigInt(i))),
    whole(PUSH, places.map(({ push }) => push)),
    whole(PUSH_ROW, places.map(({ row }) => row)),
  ];
}

function readersOf(view: FeatureView, table: NumberedPush['table'], schema: Schema): ReadonlyMap<string, CellReader> | undefined {
  try {
    return readColumns(view, table, { schema, columns: sourceColumns(view) });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}
