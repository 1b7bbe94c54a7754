import { Metadata, type ServiceError, status as grpcStatus } from '@grpc/grpc-js';
import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import { Status } from '@millrace/contracts/google/rpc/status';
import { AppError, type Code } from '@millrace/core';
import { errors } from './errors.js';

const DETAILS = 'grpc-status-details-bin';
const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';

/** What a handler threw as an error for the caller: an unknown one says nothing of its insides. */
export const toAppError = (error: unknown): AppError => (error instanceof AppError ? error : errors.INTERNAL({}, { cause: error }));

/** An error as a gRPC status with an ErrorInfo. */
export function toStatus(error: AppError): Partial<ServiceError> {
  const code = grpcStatus[error.code];
  const info = ErrorInfo.encode({ reason: error.reason, domain: error.domain, metadata: { ...error.metadata } }).finish();
  const details = Status.encode({ code, message: error.message, details: [{ typeUrl: ERROR_INFO, value: Buffer.from(info) }] }).finish();
  const metadata = new Metadata();
  metadata.set(DETAILS, Buffer.from(details));
  return { code, details: error.message, metadata };
}

/** The reverse of toStatus, on the caller's side; a status of a stranger keeps its code and text. */
export function fromStatus(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, details, metadata, message } = error as Partial<ServiceError>;
  const name = code === undefined ? 'INTERNAL' : grpcStatus[code];
  const info = errorInfo(metadata?.get(DETAILS)[0]) ?? { domain: STRANGER, reason: name, metadata: {} };
  return new AppError((CODES.has(name) ? name : 'INTERNAL') as Code, info.domain, info.reason, details ?? message ?? name, info.metadata, { cause: error });
}

/** The domain of errors that came without an ErrorInfo. */
export const STRANGER = 'grpc';

/** The ErrorInfo among the details of a status; undefined where there is none, or what came is not of that form. */
function errorInfo(bytes: string | Buffer | undefined): ErrorInfo | undefined {
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const any = Status.decode(bytes).details.find(({ typeUrl }) => typeUrl === ERROR_INFO);
    return any && ErrorInfo.decode(any.value);
  } catch {
    return undefined;
  }
}

const CODES: ReadonlySet<string> = new Set<Code>(['INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION', 'ABORTED', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'CANCELLED']);
