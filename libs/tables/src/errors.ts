import { defineErrors } from '@millrace/core';

/** Every error of table sessions. */
export const errors = defineErrors('tables.millrace', {
  OUT_OF_MEMORY: {
    code: 'RESOURCE_EXHAUSTED',
    message: 'The query needs more than the {limit} of memory that this session has: {detail}. Give it more, or work on fewer rows or columns at a time.',
  },
  SPILL_FULL: { code: 'RESOURCE_EXHAUSTED', message: 'The query needs more room on the disk than this session may take for what does not fit into memory: {detail}. Give it more, or work on fewer rows or columns at a time.' },
  DISK_FULL: { code: 'RESOURCE_EXHAUSTED', message: 'No space is left on the disk: {detail}. Free some and try again; nothing was half-written.' },
  CANCELLED: { code: 'ABORTED', message: 'The query was cancelled: {why}.' },
  PARQUET_INVALID: { code: 'INVALID_ARGUMENT', message: 'File {file} is no complete Parquet file: {detail}. Write or copy it again, then name it anew.' },
  FILE_NOT_FOUND: { code: 'NOT_FOUND', message: 'There is no file {file}; give a file that exists.' },
  FILE_NOT_ALLOWED: {
    code: 'PERMISSION_DENIED',
    message: 'SQL may not touch "{file}"; name its directory in `allow` when the session is opened.',
  },
  SQL_INVALID: { code: 'INVALID_ARGUMENT', message: 'The query is not valid: {detail}. Correct the expression, or the column or table that it names.' },
  VALUE_INVALID: { code: 'INVALID_ARGUMENT', message: 'A value does not fit the query: {detail}. Correct the value, or convert it with try_cast.' },
  TYPE_UNSUPPORTED: { code: 'INVALID_ARGUMENT', message: 'Column "{column}" has type {type}, which {use} cannot take; cast it to one of {types}.' },
  COLUMNS_UNEVEN: { code: 'INVALID_ARGUMENT', message: 'Column "{column}" of table "{table}" has {rows} rows, the first one has {expected}; give all the same number.' },
  COLUMN_TWICE: { code: 'INVALID_ARGUMENT', message: 'Table "{table}" has two columns named "{column}"; rename one.' },
  TOO_MANY_COLUMNS: { code: 'INVALID_ARGUMENT', message: 'A matrix of {columns} columns was asked for; at most {most} are taken.' },
  CLOSED: { code: 'FAILED_PRECONDITION', message: 'The table session was closed; open a new one.' },
  NO_OBJECTS: { code: 'FAILED_PRECONDITION', message: 'The table session was opened without an object store; open it with `objects` to {use}.' },
});
