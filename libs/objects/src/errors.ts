import { defineErrors } from '@millrace/core';

/** Every error of the object store. */
export const errors = defineErrors('objects.millrace', {
  INVALID_DIGEST: { code: 'INVALID_ARGUMENT', message: '"{digest}" is no object digest; give "sha256:" and 64 lower-case hexadecimal digits.' },
  OBJECT_NOT_FOUND: { code: 'NOT_FOUND', message: 'Object {digest} is not in the store; put it again, or name one that is there.' },
  OBJECT_CORRUPT: {
    code: 'INTERNAL',
    message: 'Object {digest} is damaged: its bytes have digest {found}. Restore {file} from a copy, or delete that file and put the same content again.',
  },
  INVALID_MANIFEST_NAME: {
    code: 'INVALID_ARGUMENT',
    message: 'Manifest name "{name}" is not allowed; use letters, digits, ".", "_" and "-" in parts divided by "/", at most 200 characters, no part starting with ".".',
  },
  MANIFEST_CORRUPT: { code: 'INTERNAL', message: 'Manifest "{name}" cannot be read: {detail}. Restore {file} from a copy, or delete that file and write the manifest again.' },
  DISK_FULL: { code: 'RESOURCE_EXHAUSTED', message: 'No space is left under {directory}; free some and try again. Nothing was half-written.' },
  BUCKET_UNREACHABLE: { code: 'UNAVAILABLE', message: 'The object store {bucket} cannot be reached or is failing ({detail}); try again, and check that it runs. Nothing was half-written.' },
  BUCKET_UNTRUSTED: { code: 'UNAVAILABLE', message: 'The object store {bucket} was sent nothing: {why}. Check the certificate there, and MILLRACE_S3_CA_FILE and MILLRACE_S3_ENDPOINT here.' },
  BUCKET_DENIED: { code: 'PERMISSION_DENIED', message: 'The object store {bucket} refuses {action} ({detail}); check the access key and what its policy allows.' },
  BUCKET_NOT_FOUND: { code: 'FAILED_PRECONDITION', message: 'There is no bucket {bucket}; make it, or name the one that is there.' },
  BUCKET_ELSEWHERE: { code: 'FAILED_PRECONDITION', message: 'Bucket {bucket} is not in the region that was asked ({detail}); set AWS_REGION to its own.' },
  CREDENTIALS_EXPIRED: { code: 'UNAUTHENTICATED', message: 'The credentials for the object store {bucket} have expired; give new ones.' },
  CREDENTIALS_MISSING: { code: 'UNAUTHENTICATED', message: 'There are no credentials for the object store {bucket}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role gives them.' },
  BUCKET_FULL: { code: 'RESOURCE_EXHAUSTED', message: 'No space is left in the object store {bucket}; free some and try again. Nothing was half-written.' },
  PATH_NOT_ALLOWED: {
    code: 'PERMISSION_DENIED',
    message: 'Path "{path}" lies outside the allowed directories ({roots}); move the file into one of them, or add its directory to the allowed ones.',
  },
  PATH_NOT_FOUND: { code: 'NOT_FOUND', message: 'There is no file or directory "{path}"; the allowed directories are {roots}.' },
  PATH_INVALID: { code: 'INVALID_ARGUMENT', message: '"{path}" is neither a local path nor a file:// URI; fetch the file first and give its path.' },
});

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Runs `work`; a full disk or quota comes out as DISK_FULL, everything else as it was. */
export async function withDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (FULL.has(errno(cause) ?? '')) throw errors.DISK_FULL({ directory }, { cause });
    throw cause;
  }
}

/** The system's name of a failure, such as ENOENT; undefined for any other error. */
export const errno = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
