import { defineErrors } from '@millrace/core';

/** What stops a process from starting, and what its HTTP side refuses. */
export const errors = defineErrors('service.millrace', {
  CONFIGURATION_INVALID: { code: 'FAILED_PRECONDITION', message: 'The configuration has faults:\n{faults}\nMend them in the environment and start again.' },
  HTTP_ADDRESS_IN_USE: { code: 'FAILED_PRECONDITION', message: 'Cannot listen on {address}: {why}. Set MILLRACE_HTTP_PORT to a free port, or stop what listens there.' },
  DATA_DIR_IN_USE: { code: 'FAILED_PRECONDITION', message: 'Another process works in {directory}. End it, or give this one a directory of its own with MILLRACE_DATA_DIR.' },
  PATH_UNKNOWN: { code: 'NOT_FOUND', message: 'There is nothing at {method} {path}.' },
  SHUTTING_DOWN: { code: 'UNAVAILABLE', message: 'The server is shutting down; ask again, it may be back in a moment.' },
  CERTIFICATE_REQUIRED: { code: 'UNAUTHENTICATED', message: 'This server asks for a client certificate that it accepts; show one.' },
  HOST_UNKNOWN: { code: 'PERMISSION_DENIED', message: 'This server is not called "{host}"; call it by its address, or name it in MILLRACE_HTTP_HOSTS.' },
  ORIGIN_UNKNOWN: { code: 'PERMISSION_DENIED', message: 'Pages of {origin} may not call this server; MILLRACE_HTTP_ORIGINS says whose may.' },
  BODY_NOT_UTF8: { code: 'INVALID_ARGUMENT', message: 'The body is not valid UTF-8; encode it as UTF-8 and send it again.' },
  BODY_UNREADABLE: { code: 'INVALID_ARGUMENT', message: 'The body is no JSON in UTF-8: {why}.' },
  CONTROLLER_MISSING: { code: 'INTERNAL', message: 'The service {service} declares {definition}, but no controller of its module serves it.' },
  DEAD_LETTER_STATE_UNKNOWN: { code: 'INVALID_ARGUMENT', message: 'A dead letter has no state {state}; give one of {states}.' },
  SERVICE_ADDRESS_MISSING: { code: 'FAILED_PRECONDITION', message: 'Nothing in this process serves {definition}; say where it is with {variable}=host:port, or several IP addresses divided by commas.' },
  ARCHIVE_SERVICE_UNKNOWN: { code: 'NOT_FOUND', message: 'This process keeps nothing of a service "{service}"; it keeps {known}.' },
  ARCHIVE_BUSY: { code: 'FAILED_PRECONDITION', message: '{service} cannot be exported while it works: {what}. Wait until that has ended, or cancel it, and export again.' },
  ARCHIVE_INVALID: { code: 'INVALID_ARGUMENT', message: 'The archive of {service} is wrong at {place}: {why}. Nothing of it was kept.' },
  ARCHIVE_NEWER: { code: 'FAILED_PRECONDITION', message: 'The archive of {service} has format {format}, and this release reads up to {known}; import it with the version that exported it, or a newer one.' },
  ARCHIVE_NOT_EMPTY: { code: 'FAILED_PRECONDITION', message: '{service} keeps something already ({tables}); import into a home that keeps nothing.' },
  ARCHIVE_OBJECT_DIFFERS: { code: 'INVALID_ARGUMENT', message: 'What was sent as {digest} is {found}; send the object again.' },
  ARCHIVE_TOO_MANY_DIGESTS: { code: 'INVALID_ARGUMENT', message: 'The request has {digests} digests; at most {limit} go into one. Send several.' },
});
