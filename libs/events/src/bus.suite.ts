import { describe, expect, it } from 'vitest';
import { deadLetterSuite } from './dead-letter.suite.js';
import type { BusHooks, EventBus, StoredRecord } from './index.js';
import { newerReleaseSuite } from './newer-release.suite.js';
import { collect, noteOf, poison, recordOf, unavailable } from './records.fixture.js';

/** What every home of the bus promises; `open` gives the bus of a place, with what was published there before. */
export function busSuite(title: string, open: (place: string, hooks?: BusHooks) => Promise<EventBus>): void {
  let place = 0;
  const keys = ['ATL', 'ORD', 'LAX', 'DFW', 'SEA', 'JFK', 'MIA'];

  describe(title, () => {
    it('keeps the order of each key and calls one handler at a time per partition', async () => {
      const bus = await open(`p${++place}`);
      const seen = new Map<string, string[]>(keys.map((key) => [key, []]));
      const running = new Map<number, number>();
      let overlaps = 0;
      const subscription = await bus.subscribe({
        group: 'g',
        topics: ['t'],
        handler: async (record) => {
          running.set(record.partition, (running.get(record.partition) ?? 0) + 1);
          if ((running.get(record.partition) ?? 0) > 1) overlaps++;
          await new Promise((resolve) => setTimeout(resolve, Math.random()));
          seen.get(record.key)?.push(noteOf(record));
          running.set(record.partition, (running.get(record.partition) ?? 0) - 1);
        },
      });
      for (let round = 0; round < 20; round++) {
        // Not awaited one by one: the order of the calls counts.
        await Promise.all([0, 1].map((half) => bus.publish(keys.map((key) => recordOf('t', key, round * 2 + half)))));
      }
      await subscription.idle();
      for (const key of keys) expect(seen.get(key)).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
      expect(overlaps).toBe(0);
      expect(subscription.lag()).toBe(0);
      await bus.close();
    });

    it('hands records over as they were published, with a place and a time', async () => {
      const bus = await open(`p${++place}`);
      const before = Date.now();
      await bus.publish([recordOf('t', 'ATL', 1), { topic: 't', key: 'ATL', value: new Uint8Array(0), headers: {} }, recordOf('t', 'ATL', 3)]);
      const seen: StoredRecord[] = [];
      const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void seen.push(record) });
      await subscription.idle();
      expect(seen.map(({ key, headers, offset }) => ({ key, headers, offset }))).toEqual([
        { key: 'ATL', headers: { ce_id: 'ATL-1', ce_type: 'test', note: 'ü1' }, offset: 0n },
        { key: 'ATL', headers: {}, offset: 1n },
        { key: 'ATL', headers: { ce_id: 'ATL-3', ce_type: 'test', note: 'ü3' }, offset: 2n },
      ]);
      expect(seen.map(noteOf)).toEqual(['1', '', '3']);
      expect(new Set(seen.map((record) => record.partition)).size).toBe(1);
      expect(seen.every((record) => record.time.getTime() >= before - 1_000)).toBe(true);
      await bus.close();
    });

    it('lets groups be: each has its own place, and one that fails stops no other', async () => {
      const bus = await open(`p${++place}`);
      await bus.publish(keys.map((key) => recordOf('t', key, 1)));
      const [early, late]: string[][] = [[], []];
      const first = await bus.subscribe({ group: 'early', topics: ['t'], handler: async (record) => void early?.push(record.key) });
      const failing = await bus.subscribe({ group: 'failing', topics: ['t'], handler: async () => Promise.reject(unavailable) });
      await first.idle();
      const last = await bus.subscribe({ group: 'late', topics: ['t'], from: 'latest', handler: async (record) => void late?.push(`${record.key}${noteOf(record)}`) });
      await bus.publish([recordOf('t', 'ATL', 2)]);
      await Promise.all([first.idle(), last.idle()]);
      expect(early?.length).toBe(keys.length + 1);
      expect(late).toEqual(['ATL2']);
      expect(failing.lag()).toBe(keys.length + 1);
      await bus.close();
    });

    it('goes on from the committed offsets after a restart', async () => {
      const home = `p${++place}`;
      const first = await open(home);
      const seen: string[] = [];
      const handler = async (record: StoredRecord): Promise<void> => void seen.push(`${record.key}${noteOf(record)}`);
      await first.publish(keys.map((key) => recordOf('t', key, 1)));
      const subscription = await first.subscribe({ group: 'g', topics: ['t'], handler });
      await subscription.idle();
      await subscription.stop();
      await first.publish(keys.map((key) => recordOf('t', key, 2)));
      await first.close();
      const second = await open(home);
      await second.publish(keys.map((key) => recordOf('t', key, 3)));
      await (await second.subscribe({ group: 'g', topics: ['t'], handler })).idle();
      expect(seen.length).toBe(keys.length * 3);
      expect(seen.filter((each) => each.startsWith('ATL'))).toEqual(['ATL1', 'ATL2', 'ATL3']);
      await second.close();
    });

    it('calls a handler again while its error may pass, in order', async () => {
      const retries: number[] = [];
      const bus = await open(`p${++place}`, { onRetry: ({ attempt }) => retries.push(attempt) });
      const seen: string[] = [];
      const outages = [unavailable, Object.assign(new Error('changed meanwhile'), { code: 'ABORTED' }), Object.assign(new Error('too slow'), { code: 'DEADLINE_EXCEEDED' })];
      const subscription = await bus.subscribe({
        group: 'g',
        topics: ['t'],
        retry: { firstPauseMs: 1 },
        handler: async (record, { attempt }) => {
          const outage = noteOf(record) === '1' ? outages.shift() : undefined;
          if (outage) throw outage;
          seen.push(`${noteOf(record)} at try ${attempt}`);
        },
      });
      await bus.publish([recordOf('t', 'ATL', 1), recordOf('t', 'ATL', 2)]);
      await subscription.idle();
      expect(seen).toEqual(['1 at try 4', '2 at try 1']);
      expect(retries).toEqual([1, 2, 3]);
      expect(await collect(bus.deadLetters('t'))).toEqual([]);
      await bus.close();
    });

    it('puts what cannot be handled with the dead letters, counts it, and goes on', async () => {
      const buried: string[] = [];
      const bus = await open(`p${++place}`, { onDeadLetter: ({ group, record, error }) => buried.push(`${group} ${noteOf(record)} ${(error as Error).message}`) });
      const seen: string[] = [];
      const subscription = await bus.subscribe({
        group: 'g',
        topics: ['t'],
        retry: { firstPauseMs: 1, attempts: 3 },
        handler: async (record) => {
          if (noteOf(record) === '2') throw poison;
          if (noteOf(record) === '3') throw unavailable;
          if (noteOf(record) === '4') throw new TypeError('a bug');
          seen.push(noteOf(record));
        },
      });
      await bus.publish([1, 2, 3, 4, 5].map((note) => recordOf('t', 'ATL', note)));
      await subscription.idle();
      expect(seen).toEqual(['1', '5']);
      expect(buried).toEqual(['g 2 this cannot be read', 'g 3 the database is down', 'g 4 a bug']);
      const letters = await collect(bus.deadLetters('t'));
      expect(letters.map(({ topic, key, headers }) => [topic, key, headers['ce_id'], headers['dlq_code'], headers['dlq_reason'], headers['dlq_message'], headers['dlq_attempts'], headers['dlq_offset'], headers['dlq_group'], headers['dlq_topic']])).toEqual([
        ['t.dlq', 'ATL', 'ATL-2', 'INVALID_ARGUMENT', 'POISON', 'this cannot be read', '1', '1', 'g', 't'],
        ['t.dlq', 'ATL', 'ATL-3', 'UNAVAILABLE', 'DOWN', 'the database is down', '3', '2', 'g', 't'],
        ['t.dlq', 'ATL', 'ATL-4', 'INTERNAL', 'UNEXPECTED', 'a bug', '1', '3', 'g', 't'],
      ]);
      expect(letters.map(noteOf)).toEqual(['2', '3', '4']);
      await bus.close();
    });

    it('leaves a dead letter where it lies when its own reader fails', async () => {
      const bus = await open(`p${++place}`);
      const subscription = await bus.subscribe({ group: 'g', topics: ['t.dlq'], handler: async () => Promise.reject(poison) });
      await bus.publish([recordOf('t.dlq', 'ATL', 1)]);
      await subscription.idle();
      expect((await bus.topics()).map((topic) => topic.name)).toEqual(['t.dlq']);
      expect((await collect(bus.deadLetters('t'))).map(noteOf)).toEqual(['1']);
      await bus.close();
    });

    deadLetterSuite(() => open(`p${++place}`));
    newerReleaseSuite(() => open(`p${++place}`));

    it('lets a consumer be ten times slower than who publishes: it falls behind for all to see, and catches up in order', async () => {
      const bus = await open(`p${++place}`);
      const seen: string[] = [];
      let behind = 0;
      const pace = { publishMs: 0, handleMs: 0 };
      // One key, so that one handler at a time takes what many publications bring.
      const subscription = await bus.subscribe({
        group: 'slow',
        topics: ['t'],
        handler: async (record) => {
          await new Promise((resolve) => setTimeout(resolve, pace.handleMs));
          seen.push(noteOf(record));
        },
      });
      const [batches, size] = [50, 10];
      const began = performance.now();
      for (let batch = 0; batch < batches; batch++) {
        await bus.publish(Array.from({ length: size }, (_, index) => recordOf('t', 'ATL', batch * size + index)));
        pace.publishMs = (performance.now() - began) / ((batch + 1) * size);
        pace.handleMs = Math.min(10, pace.publishMs * 10);
        behind = Math.max(behind, subscription.lag());
      }
      expect(behind).toBeGreaterThan(batches);
      await subscription.idle();
      expect(seen).toEqual(Array.from({ length: batches * size }, (_, note) => String(note)));
      expect(subscription.lag()).toBe(0);
      await bus.close();
    });

    it('does not let one slow partition hold up the others', async () => {
      const bus = await open(`p${++place}`);
      const gate = Promise.withResolvers<void>();
      const seen: string[] = [];
      const subscription = await bus.subscribe({
        group: 'g',
        topics: ['t', 'quiet'],
        handler: async (record) => {
          if (record.key === 'ATL') await gate.promise;
          seen.push(record.key);
        },
      });
      await bus.publish(['ATL', 'ATL', 'ORD', 'LAX', 'SEA'].map((key, index) => recordOf('t', key, index)));
      while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(seen.toSorted()).toEqual(['LAX', 'ORD', 'SEA']);
      expect(subscription.lag()).toBe(2);
      expect(Object.fromEntries(subscription.lags())).toEqual({ t: 2, quiet: 0 });
      gate.resolve();
      await subscription.idle();
      expect(seen.slice(3)).toEqual(['ATL', 'ATL']);
      await bus.close();
    });

    it('replays a topic from an offset or a time, oldest first, and ends where the topic ended', async () => {
      const bus = await open(`p${++place}`);
      const cuts: Date[] = [];
      for (let round = 0; round < 3; round++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        cuts.push(new Date());
        await bus.publish(keys.map((key) => recordOf('t', key, round)));
      }
      const notes = async (records: AsyncIterable<StoredRecord>): Promise<string> => (await collect(records)).map(noteOf).join('');
      expect(await notes(bus.replay('t', { from: 0n }))).toBe('0'.repeat(7) + '1'.repeat(7) + '2'.repeat(7));
      expect(await notes(bus.replay('t', { from: cuts[1] ?? new Date() }))).toBe('1'.repeat(7) + '2'.repeat(7));
      expect(await notes(bus.replay('t', { from: cuts[1] ?? new Date(), to: cuts[2] ?? new Date() }))).toBe('1'.repeat(7));
      expect(await notes(bus.replay('t', { from: new Date(Date.now() + 60_000) }))).toBe('');
      expect(await notes(bus.replay('nothing', { from: 0n }))).toBe('');
      const [any] = await collect(bus.replay('t', { from: 0n }));
      const rest = await collect(bus.replay('t', { from: (any?.offset ?? 0n) + 1n, to: (any?.offset ?? 0n) + 2n }));
      expect(rest.every((record) => record.offset === 1n)).toBe(true);
      await bus.close();
    });

    it('lets a subscription stop in the middle without losing what it has not handled', async () => {
      const bus = await open(`p${++place}`);
      const seen: string[] = [];
      const handler = async (record: StoredRecord): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.push(noteOf(record));
      };
      await bus.publish(Array.from({ length: 50 }, (_, note) => recordOf('t', 'ATL', note)));
      const first = await bus.subscribe({ group: 'g', topics: ['t'], handler });
      while (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 1));
      await first.stop();
      const handled = seen.length;
      expect(handled).toBeLessThan(50);
      const second = await bus.subscribe({ group: 'g', topics: ['t'], handler });
      await second.idle();
      expect(seen).toEqual(Array.from({ length: 50 }, (_, note) => String(note)));
      await bus.close();
    });

    it('refuses what no bus can carry, and keeps nothing of it', async () => {
      const bus = await open(`p${++place}`);
      await expect(bus.publish([recordOf('t', 'ATL', 1), { ...recordOf('t', 'ATL', 2), value: new Uint8Array(1_000_001) }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'RECORD_TOO_LARGE' });
      await expect(bus.publish([recordOf('not a topic', 'ATL', 1)])).rejects.toMatchObject({ reason: 'TOPIC_NAME_INVALID' });
      expect(await collect(bus.replay('t', { from: 0n }))).toEqual([]);
      await bus.publish([]);
      await bus.close();
      await expect(bus.publish([recordOf('t', 'ATL', 1)])).rejects.toMatchObject({ reason: 'BUS_CLOSED' });
    });

    it('says how far each group is behind', async () => {
      const bus = await open(`p${++place}`);
      const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async () => {} });
      await bus.publish(keys.map((key) => recordOf('t', key, 1)));
      await subscription.idle();
      await subscription.stop();
      await bus.publish([recordOf('t', 'ATL', 2)]);
      expect(await bus.topics()).toMatchObject([{ name: 't', records: 8, groups: [{ group: 'g', lag: 1 }] }]);
      await bus.close();
    });
  });
}
