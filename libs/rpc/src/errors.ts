import { defineErrors } from '@millrace/core';

/** What the transport itself can say. */
export const errors = defineErrors('rpc.millrace', {
  INTERNAL: { code: 'INTERNAL', message: 'Internal error.' },
  DEADLINE_EXCEEDED: { code: 'DEADLINE_EXCEEDED', message: '{method} took longer than its deadline; ask for less, or allow more time.' },
  CANCELLED: { code: 'CANCELLED', message: '{method} was cancelled by its caller.' },
  SHUTTING_DOWN: { code: 'UNAVAILABLE', message: 'The server is shutting down; ask again, it may be back in a moment.' },
  CALL_CUT_OFF: { code: 'UNAVAILABLE', message: 'The server ended {method} before it was answered; ask again, it may be back in a moment.' },
  REQUEST_UNREADABLE: { code: 'INVALID_ARGUMENT', message: 'The request of {method} cannot be read: {why}. Send what its contract describes.' },
  NOT_SERVED: { code: 'UNAVAILABLE', message: '{service} is not served here; check the address.' },
  ADDRESS_IN_USE: { code: 'FAILED_PRECONDITION', message: 'Cannot listen on {address}: {why}. Choose another port, or stop what listens there.' },
});
