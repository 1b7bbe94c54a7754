/** What the headers of an event mean, for people: in the tables of docs and in the AsyncAPI document. */
export const HEADER_MEANINGS: Readonly<Record<string, string>> = {
  'content-type': 'The value is the proto message of the type.',
  ce_specversion: 'CloudEvents 1.0, binary mode.',
  ce_id: 'Unique; what an inbox remembers. UUID version 7.',
  ce_source: 'The service that published it.',
  ce_type: 'The full name of the proto message.',
  ce_time: 'When it was made.',
  ce_dataschema: 'The same as a type URL, absolute.',
  ce_partitionkey: 'The key of the record; left out where there is none.',
  ce_subject: 'Optional: the resource that it is about.',
  traceparent: 'Optional: the W3C trace that caused it.',
  ce_traceparent: 'The same, as the CloudEvents extension.',
};
