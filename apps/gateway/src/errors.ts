import { defineErrors } from '@millrace/core';

/** What the front door itself can say; all else comes from the services. */
export const errors = defineErrors('gateway.millrace', {
  PATH_UNKNOWN: { code: 'NOT_FOUND', message: 'There is nothing at {method} {path}; /docs lists every call with its method and path.' },
  METHOD_NOT_ALLOWED: { code: 'INVALID_ARGUMENT', message: '{method} is not for this path; it takes {allow}.' },
  FIELD_INVALID: { code: 'INVALID_ARGUMENT', message: '{field}: {why}.' },
  BODY_INVALID: { code: 'INVALID_ARGUMENT', message: 'The body cannot be read: {why}.' },
  TIMEOUT_INVALID: { code: 'INVALID_ARGUMENT', message: 'X-Server-Timeout is "{given}"; give the seconds that the call may take, such as 2.5, at most {most}.' },
  ETAG_UNSUPPORTED: { code: 'INVALID_ARGUMENT', message: 'If-Match is not known to {method}, which takes no etag; leave it out.' },
  ETAG_INVALID: { code: 'INVALID_ARGUMENT', message: 'If-Match is {given}; give one strong etag between quotes, such as "3", as ETag has it, or *.' },
  SERVICE_UNREACHABLE: { code: 'UNAVAILABLE', message: 'The service that answers {method} cannot be reached just now; ask again in a moment.' },
  STREAMS_EXHAUSTED: { code: 'UNAVAILABLE', message: 'This server keeps {limit} streams open already, which is the most that it may; ask again in a moment.' },
  DESCRIPTORS_MISSING: { code: 'FAILED_PRECONDITION', message: 'The descriptors of the contracts were not built, and the gateway answers from them; run the set-up.' },
  ANNOTATION_INVALID: { code: 'FAILED_PRECONDITION', message: 'The HTTP annotation of {method} cannot be served: {why}.' },
});
