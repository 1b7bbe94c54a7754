import type { ColumnDrift } from '@millrace/ml';
import type { QualityRule } from './monitor.js';

/** Whether values of a column are missing more often than its reference and the rule allow. */
export const isMoreMissing = ({ missingIncrease }: QualityRule, { missingShare, referenceMissingShare }: ColumnDrift): boolean => missingShare - referenceMissingShare > missingIncrease;

/** Whether more texts of a column than the rule allows are not in its reference. */
export const isMoreUnseen = (rule: QualityRule, { unseenShare }: ColumnDrift): boolean => unseenShare > rule.unseenShare;

/** Whether a quality rule complains of a column; without a rule nothing does. */
export const isDegraded = (rule: QualityRule | undefined, column: ColumnDrift): boolean => rule !== undefined && !rule.ignore.includes(column.column) && (isMoreMissing(rule, column) || isMoreUnseen(rule, column));
