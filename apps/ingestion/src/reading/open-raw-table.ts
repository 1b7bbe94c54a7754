import { engine, ident, type Tables } from '@millrace/tables';
import { stat } from 'node:fs/promises';
import { rawKind } from './raw-kind.js';
import { errors } from '../errors.js';
import { openCsv } from './csv-table.js';
import { openJson, openJsonLines } from './json-table.js';
import { type RawTable, refuseTooMany } from './raw-table.js';
import { refusePacked, refuseParquetBomb } from './size-limits.js';
import { asSourceFault } from './source-fault.js';
import type { SourceFile } from './source-files.js';

/** Makes a file readable in a session. `index` keeps the temporary names of several files apart; a file that has no other columns than those `wanted` may be read as it is staged. */
export async function openRawTable(tables: Tables, file: SourceFile, { index, wanted }: { index: number; wanted?: ReadonlySet<string> | undefined }): Promise<RawTable> {
  const info = await stat(file.path).catch((cause: unknown) => {
    throw errors.SOURCE_CHANGED({ file: file.label }, { cause });
  });
  if (info.size === 0) throw errors.SOURCE_EMPTY({ file: file.label, why: 'its size is 0 bytes' });
  await refusePacked(file);
  try {
    return await OPEN[file.format](tables, file, { name: `_raw_${index}`, wanted });
  } catch (error) {
    throw await asSourceFault(error, [file]);
  }
}

const OPEN = { CSV: openCsv, JSON_LINES: openJsonLines, JSON: openJson, PARQUET: openParquet } as const;

/** Parquet is not copied: the relation reads the file itself. */
async function openParquet(tables: Tables, file: SourceFile): Promise<RawTable> {
  await refuseParquetBomb(tables, file);
  const { from, columns: all, place } = engine.placedParquet(file.path);
  const found = await tables.types(`SELECT ${all} FROM ${from}`);
  refuseTooMany(file, found.length);
  const columns = found.map(({ name, type }, i) => ({ name, sql: `c${i}`, kind: rawKind(type) }));
  const relation = `(SELECT ${[`${place} + 1 AS _row`, ...columns.map(({ name, sql }) => `${ident(name)} AS ${sql}`)].join(', ')} FROM ${from})`;
  return { file, relation, columns: new Map(columns.map(({ name, sql, kind }) => [name, { sql, kind }])), rejects: undefined };
}
