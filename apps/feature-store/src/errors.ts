import { defineErrors } from '@millrace/core';

export const errors = defineErrors('features.millrace', {
  DEFINITION_NOT_FOUND: { code: 'NOT_FOUND', message: '{name} does not exist; apply it first.' },
  INVALID_DEFINITION: { code: 'INVALID_ARGUMENT', message: '{name} is wrong at {place}: {why}.' },
  DATASET_UNKNOWN: { code: 'FAILED_PRECONDITION', message: '{dataset} has no version yet, which {name} reads; ingest it first.' },
  COLUMN_UNKNOWN: { code: 'FAILED_PRECONDITION', message: '{dataset} has no column "{column}", which {name} reads; it has: {found}.' },
  COLUMN_TYPE: { code: 'FAILED_PRECONDITION', message: 'Column "{column}" of {dataset} is of type {type}, and {name} needs {wanted} there; repair the column in the contract of the dataset, or read another one.' },
  COLUMN_TWICE: { code: 'INVALID_ARGUMENT', message: 'The training set would have two columns called "{column}"; rename the label, or give the features a prefix.' },
  TRAINING_SET_NOT_FOUND: { code: 'NOT_FOUND', message: 'Training set {name} does not exist.' },
  TRAINING_SET_EMPTY: { code: 'FAILED_PRECONDITION', message: 'The spine {dataset} has no row between {from} and {to}; ask for another range of time.' },
  MATERIALIZATION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Materialisation {name} does not exist.' },
  KEY_MISSING: { code: 'INVALID_ARGUMENT', message: 'Key {index} lacks column "{column}", which holds the join key "{key}" of {view}.' },
  PUSH_COLUMN_MISSING: { code: 'INVALID_ARGUMENT', message: 'The pushed table lacks column "{column}", which {view} reads; it has: {found}.' },
  PUSH_COLUMN_TYPE: { code: 'INVALID_ARGUMENT', message: 'Column "{column}" of the pushed table holds {found}, and {view} needs {wanted}.' },
  PUSH_TOO_LARGE: { code: 'INVALID_ARGUMENT', message: 'A pushed table has {rows} rows; at most {limit} go into one message. Send several.' },
  PUSH_WITHOUT_VIEW: { code: 'INVALID_ARGUMENT', message: 'The push names no feature view; say into which ones the rows go.' },
  PUSHES_FORGOTTEN: { code: 'FAILED_PRECONDITION', message: '{view} cannot be filled from what was known before {from}: rows that were pushed and known up to {through} are no longer kept. Take a dataset version that holds them, and a later known_before.' },
  VIEW_CHANGED: { code: 'ABORTED', message: '{view} was changed while it was being materialised; materialise it again.' },
  OTHER_DATASET: { code: 'INVALID_ARGUMENT', message: '{view} reads datasets/{dataset}, and {version} is a version of another dataset.' },
  TIMES_MISMATCH: { code: 'INVALID_ARGUMENT', message: 'The request has {keys} keys and {times} times; give none, or one a key.' },
});
