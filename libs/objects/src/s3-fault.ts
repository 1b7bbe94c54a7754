import { AppError } from '@millrace/core';
import { handshakeFault } from '@millrace/tls';
import { errors } from './errors.js';

/** What the SDK throws (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), as far as it is read here. */
interface S3Fault {
  readonly name?: string;
  readonly message?: string;
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const EXPIRED: ReadonlySet<string> = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);
const ELSEWHERE: ReadonlySet<string> = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException']);
const FULL: ReadonlySet<string> = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull']);

/** What S3 says of a thing that is not there, or of a condition that does not hold. */
export const statusOf = (error: unknown): number | undefined => faultOf(error).$metadata?.httpStatusCode;
export const isMissing = (error: unknown): boolean => statusOf(error) === 404 && codeOf(error) !== 'NoSuchBucket';
export const isConditionFailed = (error: unknown): boolean => statusOf(error) === 412 || statusOf(error) === 409;

/** Translates what the object store, or the way to it, said into an error of the table; the cause keeps the original words. */
export function s3Error(error: unknown, { bucket, action }: { readonly bucket: string; readonly action: string }): unknown {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const { message = '' } = faultOf(error);
  const code = codeOf(error);
  const status = statusOf(error);
  const options = { cause: error };
  if (EXPIRED.has(code)) return errors.CREDENTIALS_EXPIRED({ bucket }, options);
  if (code === 'CredentialsProviderError') return errors.CREDENTIALS_MISSING({ bucket }, options);
  if (code === 'NoSuchBucket') return errors.BUCKET_NOT_FOUND({ bucket }, options);
  if (ELSEWHERE.has(code) || status === 301) return errors.BUCKET_ELSEWHERE({ bucket, detail: message || code }, options);
  if (FULL.has(code) || status === 507) return errors.BUCKET_FULL({ bucket }, options);
  if (status === 401 || status === 403) return errors.BUCKET_DENIED({ bucket, action, detail: code || message }, options);
  const untrusted = status === undefined ? handshakeFault(error) : undefined;
  if (untrusted !== undefined) return errors.BUCKET_UNTRUSTED({ bucket, why: untrusted }, options);
  if (status === undefined || status >= 500 || status === 429) return errors.BUCKET_UNREACHABLE({ bucket, detail: message || code || `status ${status}` }, options);
  return error;
}

const faultOf = (error: unknown): S3Fault => (typeof error === 'object' && error !== null ? error : {});
const codeOf = (error: unknown): string => faultOf(error).Code ?? faultOf(error).name ?? '';
