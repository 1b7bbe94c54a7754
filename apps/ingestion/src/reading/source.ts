/** How the bytes of a source are laid out. */
export const FORMATS = ['CSV', 'JSON_LINES', 'JSON', 'PARQUET'] as const;
export type Format = (typeof FORMATS)[number];

/** A half-open range of time over one column, in microseconds since 1970. */
export interface TimeFilter {
  readonly column: string;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** Where rows come from. */
export interface Source {
  readonly path: string;
  /** Undefined: by the extension of each file. */
  readonly format: Format | undefined;
  readonly timeFilter: TimeFilter | undefined;
}

export type IngestionMode = 'APPEND' | 'REPLACE';
