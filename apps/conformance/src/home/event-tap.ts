import { catalogue, decodeEvent, deadLetterTopic, type EventType, type StoredRecord } from '@millrace/events';
import { eventually } from '@millrace/testing';

/** One record as the bus gave it. */
export type TapRecord = StoredRecord;

/** Every topic that the product declares. */
export const TOPICS: readonly string[] = [...new Set(Object.values(catalogue).flatMap((events) => Object.values(events).map(({ topic }) => topic)))];

/** The topics of what could not be handled. */
export const DEAD_LETTER_TOPICS: readonly string[] = TOPICS.map(deadLetterTopic);

/** The group of the tap: every topic is read from its beginning. */
export const TAP_GROUP = 'conformance-tap';

/** Everything that the services of a home have published so far. */
export class EventTap {
  readonly records: TapRecord[] = [];

  add(record: TapRecord): void {
    this.records.push(record);
  }

  /** The payloads of one kind of event, oldest first. */
  payloads<T>(event: EventType<T>): readonly T[] {
    return this.records.filter(({ topic, headers }) => topic === event.topic && headers['ce_type'] === event.type).map((record) => decodeEvent(event, record));
  }

  /** The first payload that `fits`, once it has come. */
  async await<T>(event: EventType<T>, fits: (payload: T) => boolean): Promise<T> {
    return eventually(`an event ${event.type}`, async () => this.payloads(event).find(fits));
  }
}
