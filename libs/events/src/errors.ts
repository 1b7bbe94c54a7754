import { defineErrors } from '@millrace/core';

export const EVENTS_DOMAIN = 'events.millrace';

/** Every error that the bus and the spool raise; those of their files come from the store's table. */
export const errors = defineErrors(EVENTS_DOMAIN, {
  RECORD_TOO_LARGE: { code: 'INVALID_ARGUMENT', message: 'An event of {bytes} bytes for {topic} is larger than the {limit} bytes that a bus takes; put the data into an object and send its digest.' },
  RECORD_MALFORMED: { code: 'INVALID_ARGUMENT', message: 'An event for {topic} is malformed: {detail}.' },
  EVENT_UNREADABLE: { code: 'INVALID_ARGUMENT', message: 'The event {id} of {topic} cannot be read as {type}: {detail}.' },
  TOPIC_NAME_INVALID: { code: 'INVALID_ARGUMENT', message: '"{topic}" is not a topic name: use letters, digits, ".", "_" and "-", at most 249 of them.' },
  GROUP_TAKEN: { code: 'FAILED_PRECONDITION', message: 'Group {group} already reads {topic} in this process; stop that subscription first.' },
  BUS_OVERLOADED: { code: 'UNAVAILABLE', message: '{bytes} bytes of events already wait to be written to {file}; wait and publish again.' },
  BUS_CLOSED: { code: 'UNAVAILABLE', message: 'The bus {file} is closed.' },
  KAFKA_UNREACHABLE: { code: 'UNAVAILABLE', message: '{brokers} did not answer to {what} in time ({detail}); try again.' },
  KAFKA_UNTRUSTED: { code: 'UNAVAILABLE', message: '{brokers} was not asked to {what}: {why}. Check the certificate there, and MILLRACE_KAFKA_TLS and MILLRACE_KAFKA_CA_FILE here.' },
  KAFKA_DENIED: { code: 'UNAUTHENTICATED', message: '{brokers} does not let this process in to {what} ({detail}); check MILLRACE_KAFKA_SASL_MECHANISM, MILLRACE_KAFKA_SASL_USERNAME and the password.' },
  KAFKA_REFUSED: { code: 'FAILED_PRECONDITION', message: '{brokers} refuses to {what}: {detail}.' },
  DEAD_LETTER_NAME_INVALID: { code: 'INVALID_ARGUMENT', message: '"{id}" does not name a dead letter; give TOPIC:PARTITION:OFFSET, as the list shows it.' },
  DEAD_LETTER_NOT_FOUND: { code: 'NOT_FOUND', message: 'There is no dead letter {id}; it may be older than what the bus keeps.' },
  BUS_NEWER: { code: 'FAILED_PRECONDITION', message: '{file} was written by a newer Millrace (format {format}); start that version.' },
});
