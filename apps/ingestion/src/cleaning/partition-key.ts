import { engine, ident } from '@millrace/tables';
import type { PartitionBy, Partitioning } from '../partition.js';

/** Keys of years beyond four digits would not sort. */
const [FIRST, END] = ["TIMESTAMP '0001-01-01'", "TIMESTAMP '10000-01-01'"];
const FORMATS: Record<PartitionBy, string> = { DAY: '%Y-%m-%d', MONTH: '%Y-%m' };

/** SQL that is true for a row that belongs to no part. */
export const unplaced = ({ column }: Partitioning): string => `(${ident(column)} IS NULL OR ${ident(column)} < ${FIRST} OR ${ident(column)} >= ${END})`;

/** SQL of the key of the part that a row belongs to; NULL where it belongs to none. */
export const partitionKey = (partitioning: Partitioning): string => `CASE WHEN NOT ${unplaced(partitioning)} THEN ${engine.timeText(ident(partitioning.column), FORMATS[partitioning.by])} END`;
