import type { AppError } from '@millrace/core';
import { errors } from './errors.js';
import { faultError, type ThreadFault } from './thread.js';

/** SQLite's primary result codes that callers can act on (https://sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_ROWID = 2579;
/** The shared-memory file of the WAL could not grow: the disk is full. */
const IOERR_SHMSIZE = 4874;

/** Translates what SQLite said in a worker thread into an error of the table; the cause keeps the original words. */
export function sqliteError(file: string, fault: ThreadFault): AppError {
  const cause = faultError(fault);
  const code = fault.errcode ?? 0;
  const detail = fault.message;
  if (code === IOERR_SHMSIZE) return errors.STORE_FULL({ file }, { cause });
  if (isUniqueCode(code)) {
    return errors.UNIQUE_VIOLATION({ table: fault.detail?.['table'] ?? '', columns: fault.detail?.['columns'] ?? '', constraint: fault.detail?.['constraint'] ?? '' }, { cause });
  }
  switch (code & 0xff) {
    case BUSY:
    case LOCKED:
      return errors.STORE_BUSY({ file }, { cause });
    case FULL:
      return errors.STORE_FULL({ file }, { cause });
    case CORRUPT:
    case NOTADB:
      return errors.STORE_CORRUPT({ file, detail }, { cause });
    case CANTOPEN:
    case READONLY:
      return errors.STORE_UNREADABLE({ file, detail }, { cause });
    case IOERR:
      return errors.STORE_IO_FAILED({ file, detail }, { cause });
    case CONSTRAINT:
      return errors.CONSTRAINT_VIOLATION({ detail }, { cause });
    default:
      return errors.QUERY_FAILED({ file, detail }, { cause });
  }
}

/** Whether an extended result code says that a unique index or key refused the row. */
export const isUniqueCode = (code: number): boolean => code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARYKEY || code === CONSTRAINT_ROWID;
