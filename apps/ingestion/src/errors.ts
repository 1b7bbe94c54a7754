import { defineErrors } from '@millrace/core';

export const errors = defineErrors('ingestion.millrace', {
  DATASET_NOT_FOUND: { code: 'NOT_FOUND', message: 'Dataset {name} does not exist; create it, or start an ingestion run for it.' },
  DATASET_EXISTS: { code: 'ALREADY_EXISTS', message: 'Dataset {name} exists already.' },
  DATASET_CHANGED: { code: 'ABORTED', message: 'Dataset {name} got another version in the meantime; start the run again.' },
  DATASET_VERSION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Dataset version {name} does not exist.' },
  INGESTION_RUN_NOT_FOUND: { code: 'NOT_FOUND', message: 'Ingestion run {name} does not exist.' },
  INGESTION_RUN_FINAL: { code: 'FAILED_PRECONDITION', message: 'Ingestion run {name} is {state} already; only a run that goes on can be cancelled.' },
  INVALID_CONTRACT: { code: 'INVALID_ARGUMENT', message: 'The contract is wrong at {place}: {why}.' },
  INVALID_SOURCE: { code: 'INVALID_ARGUMENT', message: 'The source is wrong: {why}.' },
  SOURCE_NOT_FOUND: { code: 'NOT_FOUND', message: 'There is no file at {path}; check the path, and that it lies below an allowed root.' },
  SOURCE_EMPTY: { code: 'INVALID_ARGUMENT', message: '{file} holds no data: {why}. Give a file with a header and at least one row.' },
  SOURCE_UNREADABLE: { code: 'INVALID_ARGUMENT', message: '{file} cannot be read as {format}: {why}. Write the file again, or correct the format of the source.' },
  COLUMN_MISSING: { code: 'INVALID_ARGUMENT', message: '{file} has no column "{column}", which the contract names; it has: {found}. Correct the file, or set source_name in the contract.' },
  COLUMN_EXTRA: { code: 'INVALID_ARGUMENT', message: '{file} has column "{column}", which the contract does not name. Add it to the contract, or set extra_columns to drop.' },
  COLUMN_UNSUPPORTED: { code: 'INVALID_ARGUMENT', message: '{file} has column "{column}" of type {type}, which cannot become {wanted}. Flatten it before ingestion, or drop it.' },
  TOO_MANY_COLUMNS: { code: 'INVALID_ARGUMENT', message: '{file} has {count} columns; at most {limit} can be ingested. Split the table, or drop columns.' },
  BAD_CELL: { code: 'INVALID_ARGUMENT', message: '{file}, row {row}, column "{column}": "{text}" is not {type}. Correct the cell, or set bad_cell to quarantine or missing.' },
  EXPECTATION_FAILED: { code: 'FAILED_PRECONDITION', message: 'Expectation "{name}" failed: {observed}. Correct the source, or lower its severity.' },
  TOO_MANY_QUARANTINED: { code: 'FAILED_PRECONDITION', message: '{quarantined} of {read} rows were to be quarantined, more than the share of {limit} that the contract allows. First reason: {reason}.' },
  COUNTS_DO_NOT_ADD_UP: { code: 'INTERNAL', message: 'read {read} is not kept {kept} + duplicates {duplicates} + quarantined {quarantined}; nothing was written.' },
});
