import { defineErrors } from '@millrace/core';

export const errors = defineErrors('cli.millrace', {
  NOT_REACHABLE: { code: 'UNAVAILABLE', message: 'Nothing answers at {address}; start it with `millrace up`, or say where it is with --address or MILLRACE_GRPC_ADDRESS.' },
  NO_GRPC: { code: 'UNAVAILABLE', message: 'What listens at {address} does not answer gRPC: {why}. Give the gRPC address, which `millrace up` prints.' },
  WRONG_ADDRESS: { code: 'INVALID_ARGUMENT', message: '"{address}" is no address; write host:port, such as 127.0.0.1:4301.' },
  TLS_INCOMPLETE: { code: 'INVALID_ARGUMENT', message: '{given} needs more: --tls-cert and --tls-key go together, and with --tls-ca; their variables are MILLRACE_TLS_CLIENT_CERT_FILE, MILLRACE_TLS_CLIENT_KEY_FILE and MILLRACE_TLS_CA_FILE.' },
  CLUSTER_NOT_NAMED: { code: 'FAILED_PRECONDITION', message: 'Nothing says where the cluster is: {variables} are not set. `npm run cluster -- env` prints them for one that runs; npm run demo -- --home cluster starts one for the story.' },
  INTERRUPTED: { code: 'CANCELLED', message: 'Interrupted.' },
  WRONG_USE: { code: 'INVALID_ARGUMENT', message: '{why}' },
  WRONG_TIME: { code: 'INVALID_ARGUMENT', message: '"{text}" is no time for {option}; write it in ISO 8601, such as 2001-04-01 or 2001-04-01T06:30:00Z.' },
  WRONG_NUMBER: { code: 'INVALID_ARGUMENT', message: '"{text}" is no number for {option}; give {wanted}.' },
  FILE_UNREADABLE: { code: 'INVALID_ARGUMENT', message: 'Cannot read {file}: {why}.' },
  ROWS_NO_JSON: { code: 'INVALID_ARGUMENT', message: '{place} is no JSON: {why}. Write an object by column, such as {example}.' },
  ROW_NO_OBJECT: { code: 'INVALID_ARGUMENT', message: '{place} is no JSON object by column, but {found}; write it such as {example}.' },
  NO_ROWS: { code: 'INVALID_ARGUMENT', message: 'There is no row to predict; give --row with a JSON object by column, or --file with many.' },
  CELL_MISTYPED: { code: 'INVALID_ARGUMENT', message: '{place}, column {column}: {found} is no {type}; write {wanted}.' },
  TIMES_UNEVEN: { code: 'INVALID_ARGUMENT', message: 'There are {times} times for {rows} rows; give --time once for all rows, or once a row.' },
  WRONG_LABEL: { code: 'INVALID_ARGUMENT', message: '"{text}" is no label; write ID=VALUE, such as 0190…=1, where the id is that of a prediction and the value is 0, 1 or a number.' },
  NO_PREDICTION: { code: 'NOT_FOUND', message: 'No endpoint has logged a prediction {id}; it may not be written yet, or the log was trimmed.' },
  NOT_STARTED: { code: 'FAILED_PRECONDITION', message: 'Millrace ended with code {code} before it was ready; its log above says why.' },
  NOT_BUILT: { code: 'FAILED_PRECONDITION', message: 'There is no {file}; run `npm run setup` first.' },
  NOT_READY: { code: 'DEADLINE_EXCEEDED', message: 'Millrace was not ready after {seconds} s; look at its log above.' },
});
