import { Contract_ExtraColumns, Contract_KeepPolicy, ColumnContract_BadCell, Comparison_Operator, type Contract, type Expectation, Expectation_Severity, Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { ColumnType as ColumnTypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import type { ColumnType } from '@millrace/core';
import { toDuration } from './duration.js';
import type { SourceSpec } from './pipeline-file.js';

export const COLUMN_TYPE: Record<ColumnType, ColumnTypeMessage> = {
  BOOL: ColumnTypeMessage.BOOL,
  INT64: ColumnTypeMessage.INT64,
  FLOAT64: ColumnTypeMessage.FLOAT64,
  STRING: ColumnTypeMessage.STRING,
  TIMESTAMP: ColumnTypeMessage.TIMESTAMP,
};
const KEEP = { first: Contract_KeepPolicy.FIRST, last: Contract_KeepPolicy.LAST, newest: Contract_KeepPolicy.NEWEST, none: Contract_KeepPolicy.NONE };
const BY = { day: Partitioning_By.DAY, month: Partitioning_By.MONTH };
const EXTRA = { drop: Contract_ExtraColumns.DROP, fail: Contract_ExtraColumns.FAIL };
const BAD_CELL = { quarantine: ColumnContract_BadCell.QUARANTINE, missing: ColumnContract_BadCell.MISSING, fail: ColumnContract_BadCell.FAIL };
const SEVERITY = { warn: Expectation_Severity.WARN, quarantine: Expectation_Severity.QUARANTINE, fail: Expectation_Severity.FAIL };

const OPERATOR = { '==': Comparison_Operator.EQUAL, '!=': Comparison_Operator.NOT_EQUAL, '<': Comparison_Operator.LESS, '<=': Comparison_Operator.AT_MOST, '>': Comparison_Operator.GREATER, '>=': Comparison_Operator.AT_LEAST };

/** The contract of a source as the ingestion service takes it. */
export const contractMessage = ({ contract }: SourceSpec): Contract => ({
  columns: Object.entries(contract.columns).map(([name, column]) => ({
    name,
    type: COLUMN_TYPE[column.type],
    required: column.required,
    sourceName: column.source_name,
    missingTexts: column.missing,
    badCell: BAD_CELL[column.bad_cell],
    format: column.format,
    formats: column.formats ?? [],
    numbers: column.numbers,
    trueTexts: column.true_texts ?? [],
    falseTexts: column.false_texts ?? [],
    units: Object.entries(column.units ?? {}).map(([text, factor]) => ({ text, factor })),
    bits: column.bits ?? 0,
  })),
  key: contract.key,
  keep: KEEP[contract.keep],
  expectations: Object.entries(contract.expectations).map(([name, expectation]) => ({ name, severity: SEVERITY[expectation.severity], column: expectation.column ?? '', rule: ruleOf(expectation) })),
  eventTime: contract.event_time,
  extraColumns: EXTRA[contract.extra_columns],
  maxQuarantinedShare: contract.max_quarantined_share,
  newestBy: contract.newest_by ?? '',
  partition: contract.partition && { by: BY[contract.partition.by], column: contract.partition.column },
});

function ruleOf({ range, accepted, pattern, not_null, row_count, missing_share, presence, unique, freshness, compare }: SourceSpec['contract']['expectations'][string]): Expectation['rule'] {
  if (range) return { $case: 'range', value: { min: range.min, max: range.max } };
  if (accepted) return { $case: 'accepted', value: { values: accepted } };
  if (pattern !== undefined) return { $case: 'pattern', value: { regex: pattern } };
  if (row_count) return { $case: 'rowCount', value: { min: row_count.min === undefined ? undefined : BigInt(row_count.min), max: row_count.max === undefined ? undefined : BigInt(row_count.max) } };
  if (missing_share) return { $case: 'missingShare', value: { max: missing_share.max } };
  if (presence) return { $case: 'presence', value: presence };
  if (unique) return { $case: 'unique', value: unique };
  if (freshness) return { $case: 'freshness', value: { maxAge: toDuration(freshness.max_age) } };
  if (compare) return { $case: 'comparison', value: { operator: OPERATOR[compare.is], other: compare.to, missingBreaks: compare.missing === 'break' } };
  return not_null ? { $case: 'notNull', value: {} } : undefined;
}
