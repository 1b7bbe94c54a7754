import { AppError } from '@millrace/core';
import { handshakeFault } from '@millrace/tls';
import { errors } from './errors.js';

/** What the driver or the server said: SQLSTATE codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), or a network code of Node. */
interface PostgresFault {
  readonly code?: string;
  readonly message?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly detail?: string;
}

const UNIQUE = '23505';
const DISK_FULL = '53100';
const TIMEOUT = '57014';
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);
/** The server ends, starts, or has no room for another connection. */
const AWAY: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '53300', '55P03']);
const REFUSED: ReadonlySet<string> = new Set(['28000', '28P01', '3D000', '42501']);
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** The server wants a password that nobody has given. */
const UNASKED = /^SASL: .*client password must be/;
const NETWORK = /^(?:ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|EAI_|ENOTFOUND)/;
const LOST = /terminated|timeout exceeded|Connection ended|not queryable|Client was closed/i;

/** Translates what PostgreSQL or the way to it said into an error of the table; the cause keeps the original words. */
export function postgresError(store: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code = '', message = '', constraint = '', table = '', detail } = faultOf(error);
  const options = { cause: error };
  if (code === UNIQUE) return errors.UNIQUE_VIOLATION({ table, columns: columnsIn(detail), constraint }, options);
  if (code.startsWith('23')) return errors.CONSTRAINT_VIOLATION({ detail: message }, options);
  if (code === DISK_FULL) return errors.STORE_FULL({ file: store }, options);
  if (code === TIMEOUT) return errors.STORE_TIMEOUT({ store }, options);
  if (CONFLICTS.has(code)) return errors.STORE_CONFLICT({ store }, options);
  if (REFUSED.has(code) || (code === '' && UNASKED.test(message))) return errors.STORE_REFUSED({ store, detail: message }, options);
  const untrusted = SQLSTATE.test(code) ? undefined : handshakeFault(error);
  if (untrusted !== undefined) return errors.STORE_UNTRUSTED({ store, why: untrusted }, options);
  if (AWAY.has(code) || code.startsWith('08') || NETWORK.test(code) || (code === '' && LOST.test(message))) return errors.STORE_UNREACHABLE({ store, detail: message }, options);
  return errors.QUERY_FAILED({ file: store, detail: message }, options);
}

const faultOf = (error: unknown): PostgresFault => (typeof error === 'object' && error !== null ? error : { message: String(error) });

/** `Key (a, b)=(1, 2) already exists.` */
const columnsIn = (detail = ''): string => /^Key \((.*?)\)=/.exec(detail)?.[1] ?? '';
