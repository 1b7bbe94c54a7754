import { AppError } from '@millrace/core';
import { errors } from '../errors.js';

const UNSERVED = /No connection established|Protocol error|write EPIPE|Connection dropped|read ECONN|Parse Error|HTTP|RST_STREAM/i;
/** A connection that stood and broke. */
const DROPPED = /Connection dropped|ECONNRESET/i;

/** What a call threw, as something that a person can act on. */
export function toFailure(error: unknown, { address, interrupted }: { readonly address: string; readonly interrupted: boolean }): AppError {
  if (interrupted) return error instanceof AppError && error.domain === 'cli.millrace' ? error : errors.INTERRUPTED({}, { cause: error });
  if (!(error instanceof AppError)) return new AppError('INTERNAL', 'cli.millrace', 'BUG', error instanceof Error ? error.message : String(error), {}, { cause: error });
  if (error.domain === 'rpc.millrace' && error.reason === 'CONNECTION_CLOSED') return errors.NO_GRPC({ address, why: 'it closes the connection. If it serves TLS, say whom to trust by --tls-ca, and what to show by --tls-cert and --tls-key' }, { cause: error });
  // A status without our own details comes from the transport.
  if (error.domain !== 'grpc') return error;
  if (error.reason === 'UNIMPLEMENTED') return errors.NO_GRPC({ address, why: 'this service is not there' }, { cause: error });
  if (error.code === 'UNAVAILABLE' && DROPPED.test(error.message)) return errors.CONNECTION_LOST({ address, why: error.message }, { cause: error });
  if (error.code === 'UNAVAILABLE') return /ECONNREFUSED/.test(error.message) ? errors.NOT_REACHABLE({ address }, { cause: error }) : errors.NO_GRPC({ address, why: error.message }, { cause: error });
  return UNSERVED.test(error.message) ? errors.NO_GRPC({ address, why: error.message }, { cause: error }) : error;
}
