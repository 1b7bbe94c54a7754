import { DeadLetter_State } from '@millrace/contracts/millrace/events/v1/dead_letter';
import { catalogue } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

const { topic, type } = catalogue.registry.modelAliasMoved;

/** What could not be handled. */
export const deadLetterCases = cases({
  'an event that cannot be read becomes a letter that says why, and is shown as it came': async ({ deadLetters }, world) => {
    const { ids } = await world.lostLetters();
    const letters = (await deadLetters.listDeadLetters({ filter: `topic=${topic} AND event_type=${type} AND state=WAITING` })).deadLetters;
    const [letter] = letters.filter(({ eventId }) => eventId === ids[0]);
    expect(letter).toMatchObject({ group: 'inference-aliases', key: 'models/lost', cause: { code: 'INVALID_ARGUMENT', reason: 'EVENT_UNREADABLE' } });
    const whole = await deadLetters.getDeadLetter({ name: letter?.name ?? '' });
    expect(whole).toMatchObject({ headers: { ce_id: ids[0] }, payloadFault: expect.stringMatching(/./) });
    expect([...whole.payload]).toEqual([10, 99, 1]);
  },
  'a letter is handed to its group again, and is another letter when that fails too': async ({ deadLetters }, world) => {
    const { ids } = await world.lostLetters();
    const find = async () => (await deadLetters.listDeadLetters({ filter: `topic=${topic}` })).deadLetters.filter(({ eventId }) => eventId === ids[0]);
    const [letter] = await find();
    expect((await deadLetters.retryDeadLetter({ name: letter?.name ?? '' })).state).toBe(DeadLetter_State.RETRIED);
    const again = await eventually('the second letter', async () => (await find()).find(({ retries }) => retries === 1));
    expect(again.cause?.reason).toBe('EVENT_UNREADABLE');
    const { retried } = await deadLetters.retryDeadLetters({ filter: `topic=${topic} AND event_type=${type}` });
    expect(retried).toBeGreaterThan(0);
  },
  'a letter that is not there is not found, and a state that none has is named': async ({ deadLetters }) => {
    for (const call of [deadLetters.getDeadLetter, deadLetters.retryDeadLetter]) {
      expect(await refusalOf(call({ name: 'deadLetters/nonsense' }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'DEAD_LETTER_NAME_INVALID' });
      expect(await refusalOf(call({ name: `deadLetters/${topic}:0:999999` }))).toMatchObject({ code: 'NOT_FOUND', reason: 'DEAD_LETTER_NOT_FOUND' });
    }
    expect(await refusalOf(deadLetters.listDeadLetters({ filter: 'state=BURNT' }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'DEAD_LETTER_STATE_UNKNOWN' });
    expect(await refusalOf(deadLetters.retryDeadLetters({ filter: 'colour=red' }))).toMatchObject({ reason: 'INVALID_FILTER' });
  },
});
