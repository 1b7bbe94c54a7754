import type { Digest } from '@millrace/objects';
import type { TableSum } from './row-text.js';

/** Of the lines of one service; a later one is refused. */
export const ARCHIVE_FORMAT = 1;

/** The first line. */
export interface HeadLine {
  readonly format: number;
  readonly service: string;
}

/** One row of a table; its text is that of rowText. */
export interface RowLine {
  readonly table: string;
  readonly row: unknown;
}

/** A name for objects that the rows need. */
export interface ManifestLine {
  readonly manifest: string;
  readonly objects: readonly Digest[];
  readonly body: unknown;
}

/** The last line: without it the rest is not whole. */
export interface EndLine {
  readonly end: { readonly tables: Readonly<Record<string, TableSum>>; readonly manifests: number };
}

export type ArchiveLine = HeadLine | RowLine | ManifestLine | EndLine;
