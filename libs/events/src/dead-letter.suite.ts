import { expect, it } from 'vitest';
import { DeadLetters, type EventBus, RETRY_TOPIC, type StoredRecord } from './index.js';
import { noteOf, poison, recordOf } from './records.fixture.js';

/** What every home of the bus promises of its dead letters; a part of bus.suite.ts. */
export function deadLetterSuite(open: () => Promise<EventBus>): void {
  const now = new Date('2001-05-01T00:00:00Z');

  it('lists dead letters newest first, tells one with its payload and its cause, and finds none that is not there', async () => {
    const bus = await open();
    const letters = new DeadLetters(bus);
    expect(await letters.list()).toEqual([]);
    const subscription = await bus.subscribe({ group: 'g', topics: ['t', 'u', RETRY_TOPIC], handler: async (record) => (noteOf(record) === '2' ? undefined : Promise.reject(poison)) });
    for (const note of [1, 2, 3]) {
      await bus.publish([recordOf(note === 3 ? 'u' : 't', 'ATL', note)]);
      await subscription.idle();
    }
    const [newest, oldest, ...others] = await letters.list();
    expect([newest, oldest].map((letter) => letter?.headers)).toEqual([recordOf('u', 'ATL', 3).headers, recordOf('t', 'ATL', 1).headers]);
    expect(others).toEqual([]);
    const whole = await letters.get(oldest?.id ?? '');
    expect(Buffer.from(whole.value).toString()).toBe('1');
    expect({ ...whole, value: oldest?.value }).toEqual(oldest);
    expect(whole).toMatchObject({ topic: 't', group: 'g', key: 'ATL', offset: 0n, attempts: 1, retries: 0, retryTime: undefined, cause: { code: 'INVALID_ARGUMENT', reason: 'POISON', message: 'this cannot be read' } });
    for (const [filter, count] of [[{ topic: 't' }, 1], [{ topic: 'none' }, 0], [{ group: 'g', type: 'test' }, 2], [{ group: 'h' }, 0], [{ type: 'other' }, 0], [{ retried: true }, 0]] as const) expect((await letters.list(filter)).length).toBe(count);
    await expect(letters.get('t')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'DEAD_LETTER_NAME_INVALID' });
    await expect(letters.get('t:0:999')).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'DEAD_LETTER_NOT_FOUND' });
    await expect(letters.retry('none:0:0', now)).rejects.toMatchObject({ reason: 'DEAD_LETTER_NOT_FOUND' });
    await bus.close();
  });

  it('hands a dead letter once more to the group that failed, as it was published, and to no other', async () => {
    const bus = await open();
    const letters = new DeadLetters(bus);
    const seen: Record<string, { readonly note: string; readonly record: StoredRecord }[]> = { broken: [], sound: [] };
    let mended = false;
    const group = (name: 'broken' | 'sound') =>
      bus.subscribe({
        group: name,
        topics: ['t', RETRY_TOPIC],
        handler: async (record) => {
          if (name === 'broken' && noteOf(record) === '2' && !mended) throw poison;
          seen[name]?.push({ note: noteOf(record), record });
        },
      });
    const both = [await group('broken'), await group('sound')];
    const idle = () => Promise.all(both.map((subscription) => subscription.idle()));
    await bus.publish([1, 2, 3].map((note) => recordOf('t', 'ATL', note)));
    await idle();
    mended = true;
    const [letter] = await letters.list();
    expect(await letters.retry(letter?.id ?? '', now)).toMatchObject({ id: letter?.id, retryTime: now });
    await idle();
    expect(seen['broken']?.map(({ note }) => note)).toEqual(['1', '3', '2']);
    expect(seen['sound']?.map(({ note }) => note)).toEqual(['1', '2', '3']);
    const [first, again] = [seen['sound']?.[1]?.record, seen['broken']?.[2]?.record];
    expect({ ...again, value: undefined, time: undefined }).toEqual({ ...first, value: undefined, time: undefined });
    expect(await letters.list()).toMatchObject([{ id: letter?.id, retryTime: now }]);
    // Whoever asks again is told the same, and nothing comes a third time.
    expect((await letters.retry(letter?.id ?? '', new Date())).retryTime).toEqual(now);
    expect(await letters.retryAll({}, new Date())).toBe(0);
    await idle();
    expect(seen['broken']?.length).toBe(3);
    await bus.close();
  });

  it('makes a new letter with one retry more of what fails again, and hands over all that wait', async () => {
    const bus = await open();
    const letters = new DeadLetters(bus);
    let mended = false;
    const handled: string[] = [];
    const handler = async (record: StoredRecord): Promise<void> => (mended ? void handled.push(`${record.topic} ${noteOf(record)}`) : Promise.reject(poison));
    const subscription = await bus.subscribe({ group: 'g', topics: ['t', 'u', RETRY_TOPIC], handler });
    await bus.publish([recordOf('t', 'ATL', 1), recordOf('t', 'ORD', 2), recordOf('u', 'LAX', 3)]);
    await subscription.idle();
    expect(await letters.retryAll({ topic: 't' }, now)).toBe(2);
    await subscription.idle();
    const found = await letters.list();
    expect(found.map(({ topic, retries, retryTime }) => `${topic} ${retries} ${retryTime ? 'retried' : 'waits'}`).toSorted()).toEqual(['t 0 retried', 't 0 retried', 't 1 waits', 't 1 waits', 'u 0 waits']);
    for (const { topic, offset, headers } of found.filter(({ retries }) => retries === 1)) expect({ topic, place: offset >= 0n, headers }).toMatchObject({ topic: 't', place: true, headers: { ce_type: 'test' } });
    mended = true;
    expect(await letters.retryAll({}, now)).toBe(3);
    await subscription.idle();
    expect(handled.toSorted()).toEqual(['t 1', 't 2', 'u 3']);
    expect((await letters.list({ retried: false })).length).toBe(0);
    await bus.close();
  });

  it('is not held up by what others put among the retries', async () => {
    const bus = await open();
    const seen: string[] = [];
    const subscription = await bus.subscribe({ group: 'g', topics: [RETRY_TOPIC], handler: async (record) => void seen.push(`${record.topic} ${noteOf(record)}`) });
    await bus.publish([recordOf(RETRY_TOPIC, 'ATL', 1), { ...recordOf(RETRY_TOPIC, 'ATL', 2), headers: { dlq_group: 'g', dlq_offset: '-1', dlq_partition: 'x' } }]);
    await subscription.idle();
    expect(seen).toEqual([`${RETRY_TOPIC} 2`]);
    expect((await new DeadLetters(bus).list()).length).toBe(0);
    await bus.close();
  });
}
