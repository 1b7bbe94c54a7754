import { MAX_COLUMNS } from '@millrace/core';
import { engine, text } from '@millrace/tables';
import type { RawKind } from './raw-kind.js';
import { errors } from '../errors.js';
import type { Rejects } from './rejects.js';
import type { SourceFile } from './source-files.js';

/** One column of a file: SQL that gives its cell, under a name of ours, so that no name of the source can clash with another. */
export interface RawColumn {
  readonly sql: string;
  readonly kind: RawKind;
}

/** A file as a relation: `_row` counts its records from 1, unreadable ones too, then its columns. One that is to be settled has no `_row`: it is read once, in order, and a record that could not be read is not in it. */
export interface RawTable {
  readonly file: SourceFile;
  /** What stands after FROM. */
  readonly relation: string;
  /** By the name that the file gives them. */
  readonly columns: ReadonlyMap<string, RawColumn>;
  /** Records that could not be read at all. */
  readonly rejects: Rejects | undefined;
  /** Finds the records that could not be read, once the relation has been read. */
  readonly settle?: () => Promise<Rejects | undefined>;
}

/** Longest record that is read; a longer one is rejected. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Throws TOO_MANY_COLUMNS. */
export function refuseTooMany(file: SourceFile, count: number): void {
  if (count > MAX_COLUMNS) throw errors.TOO_MANY_COLUMNS({ file: file.label, count: String(count), limit: String(MAX_COLUMNS) });
}

/** Columns that are read as text, in order, as `c0`, `c1`, … */
export const textColumns = (names: readonly string[]): ReadonlyMap<string, RawColumn> => new Map(names.map((name, i) => [name, { sql: `c${i}`, kind: 'TEXT' }]));

/** SQL of the name of the file with this number. */
export const labelOf = (raws: readonly RawTable[], number: string): string => engine.item(engine.list(raws.map(({ file }) => text(file.label))), number);
