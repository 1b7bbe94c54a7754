import type { Rollup } from '../rollup/rollup.js';

/** How the bytes of a source are laid out. */
export const FORMATS = ['CSV', 'JSON_LINES', 'JSON', 'PARQUET'] as const;
export type Format = (typeof FORMATS)[number];

/** A half-open range of time over one column, in microseconds since 1970. */
export interface TimeFilter {
  readonly column: string;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** A table or a query of a database. */
export interface PostgresPlace {
  /** The environment variable that holds the URL. */
  readonly connection: string;
  /** One of the two is empty. */
  readonly table: string;
  readonly query: string;
  /** Empty: all rows, each time. */
  readonly incrementalColumn: string;
}

/** A topic of Kafka. */
export interface KafkaPlace {
  /** The environment variable that holds the URL. */
  readonly connection: string;
  readonly topic: string;
  /** Gets the id of the event; empty for none. */
  readonly eventIdColumn: string;
  readonly skipRemoved: boolean;
  /** A file with a FileDescriptorSet; empty where messages are JSON. */
  readonly descriptorPath: string;
  readonly messageType: string;
}

/** Rows that were pushed to the dataset. */
export interface PushPlace {
  /** The sequence of the last push that a run reads. */
  readonly last: number;
  /** Where the job finds them. */
  readonly files: readonly { readonly label: string; readonly digest: string }[];
}

/** Where rows come from. */
export interface Source {
  /** Empty where no file is read. */
  readonly path: string;
  /** Undefined: by the extension of each file. */
  readonly format: Format | undefined;
  readonly timeFilter: TimeFilter | undefined;
  readonly postgres?: PostgresPlace;
  readonly kafka?: KafkaPlace;
  readonly push?: PushPlace;
  readonly rollup?: Rollup;
  /** Files that earlier runs have read, and that are as they were, are left out. */
  readonly newFilesOnly?: boolean;
}

/** How far a source has been read: for each of its files, or partitions, what tells where the next run goes on. */
export type Cursor = Readonly<Record<string, string>>;

/** How people are told of a source. */
export const placeOf = ({ path, postgres, kafka, push, rollup }: Source): string => (rollup ? `the rollup of ${rollup.of}` : push ? 'pushed rows' : kafka ? `${kafka.connection}: ${kafka.topic}` : postgres ? `${postgres.connection}: ${postgres.table === '' ? 'the query' : postgres.table}` : path);

/** What tells a source of a dataset from its others, for its cursor. */
export const cursorKey = (source: Source): string => `${source.rollup ? 'rollup' : source.push ? 'push' : source.kafka ? 'kafka' : source.postgres ? 'postgres' : 'files'}: ${placeOf(source)}`;

export type IngestionMode = 'APPEND' | 'REPLACE' | 'BACKFILL';
