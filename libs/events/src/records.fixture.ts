import { AppError, type EventRecord } from '@millrace/core';

export const recordOf = (topic: string, key: string, note: string | number): EventRecord => ({
  topic,
  key,
  value: new TextEncoder().encode(String(note)),
  headers: { ce_id: `${key}-${note}`, ce_type: 'test', note: `ü${note}` },
});

export const noteOf = (record: EventRecord): string => new TextDecoder().decode(record.value);

export const unavailable = new AppError('UNAVAILABLE', 'test', 'DOWN', 'the database is down');
export const poison = new AppError('INVALID_ARGUMENT', 'test', 'POISON', 'this cannot be read');

/** All that an iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
