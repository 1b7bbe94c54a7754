import { uuidv7 } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { STRANGER } from '../completeness/event-demands.js';
import type { Home } from '../home/home.js';

/** Dead letters of two events whose payloads nobody can read, by the ids of the events. */
export interface LostLetters {
  readonly ids: readonly string[];
}

/** Half a message of protobuf. */
const UNREADABLE = new Uint8Array([10, 99, 1]);

export async function loseLetters({ publish, deadLetters }: Home): Promise<LostLetters> {
  const ids = [uuidv7(), uuidv7()];
  const { modelAliasMoved: event } = catalogue.registry;
  for (const id of ids) await publish({ ...toRecord(event, STRANGER, { alias: undefined, move: undefined }, { id }), key: 'models/lost', value: UNREADABLE });
  await eventually('two dead letters', async () => {
    const letters = (await deadLetters.listDeadLetters({ filter: `topic=${event.topic}` })).deadLetters;
    return ids.every((id) => letters.some(({ eventId }) => eventId === id));
  });
  return { ids };
}
