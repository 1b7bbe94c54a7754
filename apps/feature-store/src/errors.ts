import { defineErrors } from '@millrace/core';

export const errors = defineErrors('features.millrace', {
  DEFINITION_NOT_FOUND: { code: 'NOT_FOUND', message: '{name} does not exist; apply it first.' },
  INVALID_DEFINITION: { code: 'INVALID_ARGUMENT', message: '{name} is wrong at {place}: {why}.' },
  DATASET_UNKNOWN: { code: 'FAILED_PRECONDITION', message: '{dataset} has no version yet, which {name} reads; ingest it first.' },
  COLUMN_UNKNOWN: { code: 'FAILED_PRECONDITION', message: '{dataset} has no column "{column}", which {name} reads; it has: {found}.' },
  TRAINING_SET_NOT_FOUND: { code: 'NOT_FOUND', message: 'Training set {name} does not exist.' },
  TRAINING_SET_EMPTY: { code: 'FAILED_PRECONDITION', message: 'The spine {dataset} has no row between {from} and {to}; ask for another range of time.' },
  MATERIALIZATION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Materialisation {name} does not exist.' },
  KEY_MISSING: { code: 'INVALID_ARGUMENT', message: 'Key {index} lacks column "{column}", which holds the join key "{key}" of {view}.' },
  PUSH_COLUMN_MISSING: { code: 'INVALID_ARGUMENT', message: 'The pushed table lacks column "{column}", which {view} reads; it has: {found}.' },
  PUSH_COLUMN_TYPE: { code: 'INVALID_ARGUMENT', message: 'Column "{column}" of the pushed table holds {found}, and {view} needs {wanted}.' },
  PUSH_TOO_LARGE: { code: 'INVALID_ARGUMENT', message: 'A pushed table has {rows} rows; at most {limit} go into one message. Send several.' },
  SUM_OVERFLOW: { code: 'INVALID_ARGUMENT', message: 'The sum of "{column}" in {view} leaves the range of exact integers; use smaller values or a shorter tile.' },
});
