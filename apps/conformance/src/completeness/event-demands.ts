import { catalogue, eventContext, type EventType } from '@millrace/events';
import type { EventTap } from '../home/event-tap.js';

/** Who publishes what no service would: it counts for nothing. */
export const STRANGER = '/stranger';

/** Events of the catalogue that nobody published, or whose envelope is not what it must be, in words. */
export function unseenEvents(tap: Pick<EventTap, 'records'>): readonly string[] {
  return Object.entries(catalogue).flatMap(([service, events]) =>
    Object.values(events as Readonly<Record<string, EventType<unknown>>>).flatMap(({ type, topic, message, key }) => {
      const records = tap.records.filter(({ headers }) => headers['ce_type'] === type && headers['ce_source'] !== STRANGER);
      if (records.length === 0) return [`${type} was not published`];
      return records.flatMap((record) => {
        const { source, id, time } = eventContext(record);
        const faults = [
          record.topic === topic || `lies in ${record.topic}`,
          record.key === key(message.decode(record.value)) || `has the key ${record.key}`,
          record.headers['ce_specversion'] === '1.0' || 'is no CloudEvent 1.0',
          record.headers['content-type'] === 'application/protobuf' || 'is no protobuf',
          record.headers['ce_dataschema']?.endsWith(`type.googleapis.com/${type}`) === true || 'names another schema',
          source === `/millrace/${SOURCES[service] ?? service}` || `comes from ${source}`,
          /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id) || `has the id ${id}`,
          !Number.isNaN(time.getTime()) || 'has no time',
        ];
        return faults.flatMap((fault) => (fault === true ? [] : [`${type} ${id} ${String(fault)}`]));
      });
    }),
  );
}

/** Services whose package in proto has another name. */
const SOURCES: Readonly<Record<string, string>> = { features: 'feature-store' };
