import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@millrace/events';
import { columnTypes, openStore } from '@millrace/store';
import { median, percentile } from './in-turns.mjs';
import { withOwnServers } from './own-servers.mjs';
import { startConsumer } from './outbox.consumer.mjs';

export const title = 'outbox: from a commit in PostgreSQL to a consumer in another process, by Kafka';

const IDLE_CHANGES = 400;
const IDLE_PAUSE_MS = 25;
const A_SECOND = 2_000;
const LOADED_SECONDS = 10;
/** Callers of a service that wait for their change. */
const AT_ONCE = 64;
const WARM_UP = 50;
/** Keys whose order is kept; changes of different ones need not wait for each other. */
const KEYS = 1_000;
/** What is written has come when the consumer has it within this time of the last commit. */
const CATCH_UP_MS = 60_000;

/** One change is one transaction with a row and an event. First few changes, each by itself; then as many a second as the aim asks. */
export async function run({ runs, say }) {
  return withOwnServers(['kafka', 'postgres'], async ({ kafka, postgres }) => {
    const brokers = kafka.split(',');
    const bus = await openKafkaBus({ brokers });
    const store = await openStore({ postgres: { url: postgres, schema: 'bench' }, migrations });
    store.relay((records) => bus.publish(records));
    const consumer = await startConsumer(brokers);
    const writer = new Writer(store, consumer);
    try {
      for (let i = 0; i < WARM_UP; i++) await writer.write();
      await writer.settle();
      const [idle, loaded] = [[], []];
      for (let run = 1; run <= runs; run++) {
        idle.push(await writer.measure(async () => {
          for (let i = 0; i < IDLE_CHANGES; i++) {
            await writer.write();
            await sleep(IDLE_PAUSE_MS);
          }
        }));
        loaded.push(await writer.measure(() => writer.flood(A_SECOND, LOADED_SECONDS)));
        say(`run ${run} of ${runs}: idle p50 ${idle.at(-1).p50.toFixed(1)} ms, p99 ${idle.at(-1).p99.toFixed(1)} ms; ${loaded.at(-1).rate.toFixed(0)} changes/s, p99 ${loaded.at(-1).p99.toFixed(0)} ms, caught up ${loaded.at(-1).behind.toFixed(0)} ms after the last`);
      }
      const middle = (figures, name) => median(figures.map((figure) => figure[name]));
      return [
        { id: 'outbox-p50', unit: 'ms', ours: middle(idle, 'p50'), aim: { atMost: 20 }, note: 'idle' },
        { id: 'outbox-p99', unit: 'ms', ours: middle(idle, 'p99'), aim: { atMost: 100 }, note: 'idle' },
        { id: 'outbox-rate', unit: 'changes/s', ours: middle(loaded, 'rate'), aim: { atLeast: 0.99 * A_SECOND }, note: `for ${LOADED_SECONDS} s, until the consumer has all; p99 ${middle(loaded, 'p99').toFixed(0)} ms` },
      ];
    } finally {
      await consumer.stop();
      await store.close();
      await bus.close();
    }
  });
}

const migrations = {
  '0001-changes': async (db) => {
    await db.schema.createTable('changes').addColumn('id', columnTypes.text, (column) => column.primaryKey()).addColumn('note', columnTypes.text, (column) => column.notNull()).execute();
  },
};

/** Writes changes, and knows of each when it was committed and when it was seen. */
class Writer {
  #next = 0;
  #committed = new Map();

  constructor(store, consumer) {
    this.store = store;
    this.consumer = consumer;
  }

  async write() {
    const id = String(this.#next++);
    await this.store.write(async (tx, emit) => {
      await tx.insertInto('changes').values({ id, note: 'x'.repeat(200) }).execute();
      emit({ topic: 'changes', key: `k${Number(id) % KEYS}`, value: new Uint8Array(1_024), headers: { ce_id: id, ce_type: 'bench' } });
    });
    this.#committed.set(id, performance.timeOrigin + performance.now());
  }

  /** So many changes a second for so long, or as many as are possible with so many under way at once. */
  async flood(aSecond, seconds) {
    const began = performance.now();
    const open = new Set();
    for (let sent = 0; sent < aSecond * seconds; ) {
      for (const due = ((performance.now() - began) / 1_000) * aSecond; sent < due && sent < aSecond * seconds && open.size < AT_ONCE; sent++) {
        const change = this.write().finally(() => open.delete(change));
        open.add(change);
      }
      if (open.size < AT_ONCE) await sleep(1);
      else await Promise.race(open);
    }
    await Promise.all(open);
  }

  async measure(work) {
    this.#committed = new Map();
    const began = performance.timeOrigin + performance.now();
    await work();
    const last = performance.timeOrigin + performance.now();
    await this.settle();
    const seen = [...this.#committed.keys()].map((id) => this.consumer.seen.get(id));
    const waits = [...this.#committed].map(([id, time]) => Math.max(0, this.consumer.seen.get(id) - time));
    const end = seen.reduce((latest, time) => Math.max(latest, time), 0);
    return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99), rate: waits.length / ((end - began) / 1_000), behind: Math.max(0, end - last) };
  }

  /** Waits until the consumer has seen everything. */
  async settle() {
    const until = performance.now() + CATCH_UP_MS;
    while ([...this.#committed.keys()].some((id) => !this.consumer.seen.has(id))) {
      if (performance.now() > until) throw new Error('The consumer has not seen everything.');
      await sleep(20);
    }
  }
}
