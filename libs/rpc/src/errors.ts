import { type AppError, defineErrors } from '@millrace/core';

/** What the transport itself can say. */
export const errors = defineErrors('rpc.millrace', {
  INTERNAL: { code: 'INTERNAL', message: 'Internal error.' },
  DEADLINE_EXCEEDED: { code: 'DEADLINE_EXCEEDED', message: '{method} took longer than its deadline; ask for less, or allow more time.' },
  CANCELLED: { code: 'CANCELLED', message: '{method} was cancelled by its caller.' },
  SHUTTING_DOWN: { code: 'UNAVAILABLE', message: 'The server is shutting down; ask again, it may be back in a moment.' },
  CALL_CUT_OFF: { code: 'UNAVAILABLE', message: 'The server ended {method} before it was answered; ask again, it may be back in a moment.' },
  PEER_NOT_TRUSTED: { code: 'UNAVAILABLE', message: '{method} was not sent to {address}: {why}. Check the certificate there, and MILLRACE_TLS_CA_FILE here.' },
  CONNECTION_CLOSED: { code: 'UNAVAILABLE', message: '{address} closed the connection before {method} was sent. If it serves TLS, MILLRACE_TLS_CA_FILE must say whom to trust; if it asks for a client certificate, one must be shown that it accepts.' },
  REQUEST_UNREADABLE: { code: 'INVALID_ARGUMENT', message: 'The request of {method} cannot be read: {why}. Send what its contract describes.' },
  NOT_SERVED: { code: 'UNAVAILABLE', message: '{service} is not served here; check the address.' },
  ADDRESSES_INVALID: { code: 'FAILED_PRECONDITION', message: '"{addresses}" is no list of addresses: several are IP addresses of one family with ports, such as 10.0.0.1:4301,10.0.0.2:4301. One name that leads to all of them does as well.' },
  ADDRESS_IN_USE: { code: 'FAILED_PRECONDITION', message: 'Cannot listen on {address}: {why}. Choose another port, or stop what listens there.' },
});

/** Whether a server has refused a call before it began it. */
export const isRefusal = ({ domain, reason }: AppError): boolean => domain === 'rpc.millrace' && reason === 'SHUTTING_DOWN';
