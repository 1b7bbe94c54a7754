import type { Cursor, Source } from './source.js';
import type { FoundFile } from './found-file.js';

/** Chooses which files of a source are read, and remembers how far it was read. */
export interface FileChoice {
  readonly choose: (found: readonly FoundFile[]) => readonly FoundFile[];
  readonly reach: (cursor: Cursor) => void;
  /** What the next run need not read; undefined where each run reads all. */
  readonly reached: () => Cursor | undefined;
}

/** All files, or those that the last run did not see as they are now, where the source says so. */
export function newFiles({ newFilesOnly = false }: Source, cursor: Cursor | undefined): FileChoice {
  let reached: Cursor | undefined;
  return {
    choose: (found) => {
      if (!newFilesOnly) return found;
      reached = Object.fromEntries(found.map(({ label, identity }) => [label, identity]));
      return found.filter(({ label, identity }) => cursor?.[label] !== identity);
    },
    reach: (cursorOfKind) => void (reached = cursorOfKind),
    reached: () => reached,
  };
}
