import { defineErrors } from '@millrace/core';

export const STORE_DOMAIN = 'store.millrace';

/** Every error that a store raises. */
export const errors = defineErrors(STORE_DOMAIN, {
  STORE_FULL: { code: 'RESOURCE_EXHAUSTED', message: 'No room left on the disk of {file}; free some space and try again. Nothing of this write was kept.' },
  STORE_BUSY: { code: 'UNAVAILABLE', message: '{file} is locked by another process; try again, and make sure that only one Millrace uses this data directory.' },
  STORE_CORRUPT: { code: 'FAILED_PRECONDITION', message: '{file} is damaged or not a database ({detail}); restore it from a backup, or move it away to start anew.' },
  STORE_UNREADABLE: { code: 'FAILED_PRECONDITION', message: '{file} cannot be opened ({detail}); check that its directory exists and may be written.' },
  STORE_IO_FAILED: { code: 'INTERNAL', message: 'Reading or writing {file} failed ({detail}); check the disk.' },
  STORE_UNREACHABLE: { code: 'UNAVAILABLE', message: 'The database of {store} cannot be reached ({detail}); try again, and check that the server runs.' },
  STORE_UNTRUSTED: { code: 'UNAVAILABLE', message: 'The database of {store} was sent nothing: {why}. Check the certificate there, and MILLRACE_DATABASE_CA_FILE and the sslmode of MILLRACE_DATABASE_URL here.' },
  STORE_TLS_UNCLEAR: { code: 'FAILED_PRECONDITION', message: 'The URL of the database asks for {given}, which {why}. Write sslmode=require (or verify-full: both verify the certificate and the host) and name whom to trust by MILLRACE_DATABASE_CA_FILE, or sslmode=disable for no TLS.' },
  STORE_REFUSED: { code: 'FAILED_PRECONDITION', message: 'The database of {store} refused the connection or the statement ({detail}); check user, password, database name and rights.' },
  STORE_TIMEOUT: { code: 'DEADLINE_EXCEEDED', message: 'A statement on {store} took longer than it may and was ended; nothing of it was kept.' },
  STORE_CONFLICT: { code: 'UNAVAILABLE', message: 'Too many changes of the same rows of {store} met; nothing of this one was kept, try again.' },
  STORE_NEWER: { code: 'FAILED_PRECONDITION', message: '{file} was migrated by a newer Millrace (unknown: {names}); start that version, or restore an older copy.' },
  STORE_MIGRATION_ORDER: { code: 'FAILED_PRECONDITION', message: 'Migration {name} sorts before {applied}, which {file} already has; give it a later number.' },
  STORE_MIGRATION_FAILED: { code: 'FAILED_PRECONDITION', message: 'Migration {name} of {file} failed and was undone: {detail}' },
  STORE_CLOSED: { code: 'UNAVAILABLE', message: 'The store {file} is closed.' },
  STORE_NESTED: { code: 'INTERNAL', message: 'store.db or store.write of {file} was used inside store.write; use the transaction that the callback was given.' },
  STORE_BAD_PARAMETER: { code: 'INTERNAL', message: 'Parameter {index} of a query is {kind}, which a database cannot hold exactly; {mend}' },
  STORE_RELAY_EXISTS: { code: 'INTERNAL', message: 'The store {file} already has a relay; stop it before starting another.' },
  UNIQUE_VIOLATION: { code: 'ALREADY_EXISTS', message: 'A row with the same {columns} already exists in {table} ({constraint}).' },
  CONSTRAINT_VIOLATION: { code: 'FAILED_PRECONDITION', message: 'The write breaks a rule of the database: {detail}.' },
  QUERY_FAILED: { code: 'INTERNAL', message: 'A query on {file} failed: {detail}.' },
  LEASE_LOST: { code: 'ABORTED', message: 'This instance does not hold the lease of {name} any more; nothing of this was kept, another instance works at it.' },
  THREAD_LOST: { code: 'INTERNAL', message: 'The worker thread "{name}" ended unexpectedly ({detail}); whether its last writes were kept is unknown until the process is restarted.' },
});
