import type { ObjectRef } from '@millrace/objects';

/** A Parquet object with its number of rows. */
export interface TableObject extends ObjectRef {
  readonly rows: number;
}

/** Where every input row went: read = kept + duplicates + quarantined. */
export interface RowCounts {
  readonly read: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly repaired: number;
  readonly cellsRepaired: number;
}
