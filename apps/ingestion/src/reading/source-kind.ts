import type { S3Options } from '@millrace/objects';
import type { TimeRange } from '../partition.js';
import type { Cursor, Source } from './source.js';
import type { FoundFile } from './found-file.js';
import type { SourceFile } from './source-files.js';

/** What of the world sources may reach. */
export interface SourceRules {
  /** Folders below which files may lie. */
  readonly roots: readonly string[];
  /** `bucket`, or `bucket/prefix`. */
  readonly buckets: readonly string[];
  /** Environment variables that hold URLs of databases and brokers. */
  readonly connections: readonly string[];
  /** Where buckets are; keys come from the environment or the role of the process. */
  readonly s3: Omit<S3Options, 'bucket' | 'prefix'>;
}

/** What a kind of source needs to bring its rows. */
export interface SourceAccess {
  /** An empty folder for what does not lie on this machine. */
  readonly directory: string;
  readonly s3: SourceRules['s3'];
  /** The largest value that the version has to which is appended, as text; undefined where it has none. */
  readonly largest: (column: string) => Promise<string | undefined>;
  /** Which of the files that were found are read, and brought here first where they lie elsewhere. */
  readonly choose: (found: readonly FoundFile[]) => readonly FoundFile[];
  /** Rows of other times are not wanted, as far as the source can leave them out by itself; those without a time are. */
  readonly within?: { readonly column: string; readonly from: bigint | undefined; readonly to: bigint | undefined };
  /** Where the last run stopped that read this source; undefined where all of it is read. */
  readonly cursor: Cursor | undefined;
  /** Where an interrupted attempt at this very run stopped: what is behind it is for the next run. */
  readonly until: Cursor | undefined;
  /** Says where the next run goes on. */
  readonly reach: (cursor: Cursor) => void;
  /** Where an object of this store lies. */
  readonly objectFile: (digest: string) => Promise<string>;
  /** There may be nothing that is new. */
  readonly mayBeEmpty: boolean;
  /** Rows of these times have been read already, as far as the source can leave them out by itself. */
  readonly without?: { readonly column: string; readonly ranges: readonly TimeRange[] };
  /** Makes the rows of a rollup and gives the path of the file; only such a source asks. */
  readonly rolledUp: () => Promise<string>;
  readonly signal: AbortSignal;
}

/** One kind of place that rows come from. */
export interface SourceKind {
  /** Refuses what may not be read, before anything is, and gives the source as its run keeps it. */
  check(source: Source, rules: SourceRules): Promise<Source>;
  /** The files of the source in their order; what lies elsewhere is brought here first. */
  files(source: Source, access: SourceAccess): Promise<readonly SourceFile[]>;
}
