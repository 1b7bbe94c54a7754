import { defineErrors } from '@millrace/core';

/** What stops a process from starting, and what its HTTP side refuses. */
export const errors = defineErrors('service.millrace', {
  CONFIGURATION_INVALID: { code: 'FAILED_PRECONDITION', message: 'The configuration has faults:\n{faults}\nMend them in the environment and start again.' },
  HTTP_ADDRESS_IN_USE: { code: 'FAILED_PRECONDITION', message: 'Cannot listen on {address}: {why}. Set MILLRACE_HTTP_PORT to a free port, or stop what listens there.' },
  DATA_DIR_IN_USE: { code: 'FAILED_PRECONDITION', message: 'Another process works in {directory}. End it, or give this one a directory of its own with MILLRACE_DATA_DIR.' },
  SHUTTING_DOWN: { code: 'UNAVAILABLE', message: 'The server is shutting down; ask again, it may be back in a moment.' },
  CERTIFICATE_REQUIRED: { code: 'UNAUTHENTICATED', message: 'This server asks for a client certificate that it accepts; show one.' },
  BODY_NOT_UTF8: { code: 'INVALID_ARGUMENT', message: 'The body is not valid UTF-8; encode it as UTF-8 and send it again.' },
  CONTROLLER_MISSING: { code: 'INTERNAL', message: 'The service {service} declares {definition}, but no controller of its module serves it.' },
  DEAD_LETTER_STATE_UNKNOWN: { code: 'INVALID_ARGUMENT', message: 'A dead letter has no state {state}; give one of {states}.' },
  SERVICE_ADDRESS_MISSING: { code: 'FAILED_PRECONDITION', message: 'Nothing in this process serves {definition}; say where it is with {variable}=host:port, or several IP addresses divided by commas.' },
});
