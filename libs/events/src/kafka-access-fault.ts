import type { AppError } from '@millrace/core';
import { handshakeFault } from '@millrace/tls';
import { errors } from './errors.js';

/** An error of the table for brokers that cannot be trusted, or that do not let this process in; undefined for any other failure. */
export function accessError(brokers: string, what: string, cause: unknown): AppError | undefined {
  const why = handshakeFault(cause);
  if (why !== undefined) return errors.KAFKA_UNTRUSTED({ brokers, what, why }, { cause });
  const refusal = refusalIn(cause);
  return refusal === undefined ? undefined : errors.KAFKA_DENIED({ brokers, what, detail: refusal }, { cause });
}

const DENIED: ReadonlySet<string> = new Set(['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE', 'SASL_AUTHENTICATION_FAILED']);

/** What a broker said of user and password, wherever kafkajs has put it. */
function refusalIn(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, type, message, cause } = error as { readonly name?: string; readonly type?: string; readonly message?: string; readonly cause?: unknown };
  if (name === 'KafkaJSSASLAuthenticationError' || (type !== undefined && DENIED.has(type))) return message ?? type;
  return cause === error ? undefined : refusalIn(cause);
}
