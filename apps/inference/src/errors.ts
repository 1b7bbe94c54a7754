import { defineErrors } from '@millrace/core';

export const errors = defineErrors('inference.millrace', {
  ENDPOINT_NOT_FOUND: { code: 'NOT_FOUND', message: 'Endpoint {name} does not exist; apply it first.' },
  ENDPOINT_DELETED: { code: 'FAILED_PRECONDITION', message: 'Endpoint {name} was deleted at {time}; apply it to bring it back.' },
  ENDPOINT_CHANGED: { code: 'ABORTED', message: 'Endpoint {name} was changed meanwhile; read it again and repeat.' },
  ENDPOINT_NOT_READY: { code: 'UNAVAILABLE', message: 'Endpoint {name} has no model loaded: {why}. Ask again in a moment.' },
  INVALID_ENDPOINT: { code: 'INVALID_ARGUMENT', message: 'Endpoint {name} is wrong at {place}: {why}.' },
  NO_ROWS: { code: 'INVALID_ARGUMENT', message: 'The request has no rows; give at least one.' },
  TOO_MANY_ROWS: { code: 'INVALID_ARGUMENT', message: 'The request has {rows} rows; at most {limit} go into one. Send several, or use PredictStream.' },
  TIMES_MISMATCH: { code: 'INVALID_ARGUMENT', message: 'The request has {rows} rows and {times} event times; give none, or one a row.' },
  TIME_INVALID: { code: 'INVALID_ARGUMENT', message: 'Row {row} has an event time that no calendar has; give one between the years -271821 and 275760.' },
  CONTRIBUTIONS_WRONG: { code: 'INVALID_ARGUMENT', message: '{contributions} is no number of contributions; ask for 0 to 100, which is beside the score of each row.' },
  TOO_MANY_EXPLAINED: { code: 'INVALID_ARGUMENT', message: 'The request asks for the contributions of {rows} rows; at most {limit} are explained in one. Send several.' },
  NOT_EXPLAINABLE: { code: 'FAILED_PRECONDITION', message: 'What is typical of the training of {version} is not known, so nothing can be said of contributions: it was registered without a reference.' },
  COLUMN_UNKNOWN: { code: 'INVALID_ARGUMENT', message: 'Row {row} has a column "{column}", which the model of {endpoint} does not read; it reads: {inputs}.' },
  KEY_MISSING: { code: 'INVALID_ARGUMENT', message: 'Row {row} lacks column "{column}", by which its features are looked up.' },
  INVALID_BODY: { code: 'INVALID_ARGUMENT', message: 'The body is wrong at {place}: {why}.' },
  PREDICTION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Prediction {id} of {endpoint} is not in the log; it may be older than the log keeps, or not yet written.' },
  INVALID_LABEL: { code: 'INVALID_ARGUMENT', message: 'Label {index} is wrong: {why}.' },
  TOO_MANY_LABELS: { code: 'INVALID_ARGUMENT', message: 'The request has {labels} labels; at most {limit} go into one. Send several.' },
  SAMPLE_EMPTY: { code: 'INVALID_ARGUMENT', message: 'The parity sample has no rows; a certificate over none would say nothing.' },
  SAMPLE_COLUMN_MISSING: { code: 'INVALID_ARGUMENT', message: 'The parity sample has no column "{column}".' },
});
