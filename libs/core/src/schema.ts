/** The types a column can have. TIMESTAMP is microseconds since 1970 in UTC; FLOAT64 takes NaN as missing. */
export const COLUMN_TYPES = ['BOOL', 'INT64', 'FLOAT64', 'STRING', 'TIMESTAMP'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** One named, typed column. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Columns in order; names are unique. */
export type Schema = readonly Column[];

export const MAX_COLUMNS = 2_000;

/** A cell as programs hold it: bigint for INT64, Date for TIMESTAMP, undefined for missing. */
export type Cell = boolean | bigint | number | string | Date | undefined;
