/** How a column reads and writes, the same in every database: see columnTypes of libs/store. */
export type ArchivedType = 'text' | 'json' | 'int32' | 'int64' | 'float64' | 'boolean' | 'timestamp' | 'bytes';

/** One table as an archive holds it: every column, and those that tell rows apart. */
export interface ArchivedTable {
  readonly name: string;
  /** The primary key, in its order. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ArchivedType>>;
  /** A column of `key` that the database counts up. */
  readonly sequence?: string;
  /** Rows are jobs: while one of them is PENDING or RUNNING nothing is exported. */
  readonly jobs?: true;
}

/** What a service keeps that goes with it to another home. */
export interface ArchiveDeclaration {
  /** A table comes after those that it refers to. */
  readonly tables: readonly ArchivedTable[];
  /** Tables that stay behind, with the reason; those of every store need not be named. */
  readonly leftOut?: Readonly<Record<string, string>>;
  /** How the names begin of the manifests that keep what the rows name. */
  readonly manifests?: readonly string[];
}

/** A table that createJobTable made. */
export const archivedJobs = (name: string): ArchivedTable => ({
  name,
  key: ['id'],
  columns: { id: 'text', subject: 'text', state: 'text', request_id: 'text', body: 'json', create_time: 'timestamp', lane: 'text', traceparent: 'text', cancel_reason: 'text', queue_time: 'timestamp' },
  jobs: true,
});
