import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entryUrl } from '@millrace/core';
import { openStore } from '@millrace/store';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, expect, it } from 'vitest';
import { type OwnBrokers, ownBrokers, sharedBrokers } from './brokers.fixture.js';
import { layLine } from './cut-line.fixture.js';
import { type EventBus, openKafkaBus } from './index.js';
import { collect, noteOf, recordOf } from './records.fixture.js';

const patience = { timeout: 300_000 };
/** Longer than a session, a publication and all tries of an admin's question. */
const DOWN_MS = 25_000;
const clusters: OwnBrokers[] = [];
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(clusters.map((cluster) => cluster.wipe()));
});
const start = async (count: 1 | 3): Promise<OwnBrokers> => {
  const cluster = await ownBrokers(count);
  clusters.push(cluster);
  return cluster;
};

/** Publishes again while the error may pass, as an outbox does. */
async function publishSurely(bus: EventBus, ...[records]: Parameters<EventBus['publish']>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await bus.publish(records);
    } catch (error) {
      if (tries === 60 || !(error as { readonly retryable?: boolean }).retryable) throw error;
      await sleep(500);
    }
  }
}

it('loses none of 20,000 acknowledged events when a broker that leads their partitions is killed', patience, async () => {
  const cluster = await start(3);
  const errors: unknown[] = [];
  const bus = await openKafkaBus({ brokers: cluster.brokers, topic: { replication: 3, partitions: 12 }, sessionTimeoutMs: 6_000, onError: (error) => errors.push(error) });
  const handled = new Map<string, string[]>();
  const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void handled.set(record.key, [...(handled.get(record.key) ?? []), noteOf(record)]) });
  const acknowledged: string[] = [];
  let killing: Promise<void> | undefined;
  let isDead = false;
  // 60 rounds before the broker dies, all the while, and 140 rounds after it.
  for (let round = 0, after = 0; after < 140; round++) {
    const batch = Array.from({ length: 100 }, (_, index) => recordOf('t', `k${index}`, `${index}-${round}`));
    if (round === 60) killing = leaderOf(cluster, 't', 0).then((leader) => cluster.kill(leader)).finally(() => (isDead = true));
    await publishSurely(bus, batch);
    acknowledged.push(...batch.map(noteOf));
    if (isDead) after++;
  }
  await killing;
  await subscription.idle();
  const stored = (await collect(bus.replay('t', { from: 0n }))).map(noteOf);
  expect(acknowledged.length).toBeGreaterThanOrEqual(20_000);
  expect(lostOf(acknowledged, stored)).toEqual([]);
  expect(lostOf(acknowledged, [...handled.values()].flat())).toEqual([]);
  // What comes again may come late, what comes first comes in order.
  for (const notes of handled.values()) expect([...new Set(notes)]).toEqual([...new Set(notes)].toSorted((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1])));
  await bus.close();
});

it('goes on by itself, publishing and handling, when the only broker is killed and started again', patience, async () => {
  const cluster = await start(1);
  const bus = await openKafkaBus({ brokers: cluster.brokers, publishTimeoutMs: 2_000, sessionTimeoutMs: 6_000 });
  const seen = new Set<string>();
  const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void seen.add(noteOf(record)) });
  const acknowledged: string[] = [];
  let down = true;
  const publishing = (async () => {
    for (let note = 0; down || note < 300; note++) {
      await publishSurely(bus, [recordOf('t', `k${note % 10}`, note)]);
      acknowledged.push(String(note));
      await sleep(2);
    }
  })();
  while (acknowledged.length < 100) await sleep(10);
  await cluster.kill(1);
  await expect(bus.publish([recordOf('t', 'k', 'into the void')])).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'KAFKA_UNREACHABLE' });
  await cluster.start();
  down = false;
  await publishing;
  await subscription.idle();
  expect(acknowledged.length).toBeGreaterThanOrEqual(300);
  expect(lostOf(acknowledged, (await collect(bus.replay('t', { from: 0n }))).map(noteOf))).toEqual([]);
  expect(lostOf(acknowledged, [...seen])).toEqual([]);
  expect(subscription.lag()).toBe(0);
  await bus.close();
});

it('loses nothing, and goes on by itself, when all of three brokers are down for longer than it waits for anything', patience, async () => {
  const cluster = await start(3);
  const bus = await openKafkaBus({ brokers: cluster.brokers, topic: { replication: 3, partitions: 6 }, publishTimeoutMs: 4_000, sessionTimeoutMs: 6_000 });
  const seen = new Set<string>();
  const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void seen.add(noteOf(record)) });
  const acknowledged: string[] = [];
  const publish = async (from: number, to: number): Promise<void> => {
    for (let note = from; note < to; note++) {
      await publishSurely(bus, [recordOf('t', `k${note % 10}`, note)]);
      acknowledged.push(String(note));
    }
  };
  await publish(0, 200);
  await Promise.all([1, 2, 3].map((broker) => cluster.kill(broker)));
  const meanwhile = publish(200, 400);
  await sleep(DOWN_MS);
  expect(acknowledged.length).toBeLessThan(400);
  await cluster.start();
  await meanwhile;
  await subscription.idle();
  expect(lostOf(acknowledged, (await collect(bus.replay('t', { from: 0n }))).map(noteOf))).toEqual([]);
  expect(lostOf(acknowledged, [...seen])).toEqual([]);
  expect([acknowledged.length, subscription.lag()]).toEqual([400, 0]);
  await bus.close();
});

it('has each effect once when members of a group are killed', patience, async () => {
  const prefix = `faults-${Date.now()}.`;
  const bus = await openKafkaBus({ brokers: sharedBrokers(), prefix });
  const inbox = await openStore({ file: ':memory:', migrations: {} });
  const effects = new Map<string, string[]>();
  let deliveries = 0;
  const member = async () => {
    const child = fork(fileURLToPath(entryUrl(import.meta.url, './kafka-member.fixture.js')), [sharedBrokers().join(','), prefix], { execArgv: [] });
    children.push(child);
    const ready = Promise.withResolvers<void>();
    child.once('exit', (code) => ready.reject(new Error(`A member ended with exit code ${code}.`)));
    child.on('message', (message: { readonly ready?: true; readonly id?: string; readonly note?: string; readonly key?: string }) => {
      const { id = '', note = '', key = '' } = message;
      if (message.ready) return ready.resolve();
      deliveries++;
      void inbox.once('g', id, async () => void effects.set(key, [...(effects.get(key) ?? []), note])).then(() => child.send(id, (error) => { if (error && !child.killed) throw error; }));
    });
    await ready.promise;
    return child;
  };
  const members = [await member(), await member()];
  const total = 3_000;
  const publishing = (async () => {
    for (let note = 0; note < total; note += 50) await bus.publish(Array.from({ length: 50 }, (_, index) => recordOf('t', `k${index % 25}`, note + index)));
  })();
  for (const dead of [0, 1]) {
    const before = deliveries;
    while (deliveries < before + 300) await sleep(5);
    members[dead]?.kill('SIGKILL');
    members.push(await member());
  }
  await publishing;
  while ([...effects.values()].reduce((sum, notes) => sum + notes.length, 0) < total) await sleep(20);
  await sleep(500);
  const survivors = members.slice(2);
  const exits = survivors.map((child) => once(child, 'exit'));
  for (const child of survivors) child.kill('SIGTERM');
  await Promise.all(exits);
  const all = [...effects.values()].flat();
  expect([all.length, new Set(all).size]).toEqual([total, total]);
  for (const notes of effects.values()) expect(notes).toEqual(notes.toSorted((a, b) => Number(a) - Number(b)));
  // The inbox had something to do.
  expect(deliveries).toBeGreaterThan(total);
  await inbox.close();
  await bus.close();
});

it('does not set the place of its group back when it was cut off and comes again', patience, async () => {
  const prefix = `cut-${Date.now()}.`;
  const line = await layLine();
  const cutOff = await openKafkaBus({ brokers: sharedBrokers(), prefix, sessionTimeoutMs: 2_000, socketFactory: line.socketFactory });
  const bus = await openKafkaBus({ brokers: sharedBrokers(), prefix, sessionTimeoutMs: 2_000 });
  const [gate, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = new Set<number>();
  const late = await cutOff.subscribe({
    group: 'g',
    topics: ['t'],
    concurrency: 12,
    handler: async ({ partition }) => {
      const isFirst = !held.has(partition);
      held.add(partition);
      await (isFirst ? gate : end).promise;
    },
  });
  await bus.publish(Array.from({ length: 600 }, (_, index) => recordOf('t', `k${index % 100}`, index)));
  while (held.size < 12) await sleep(10);
  // Longer than its session: the group goes on without it, and it does not know.
  line.hold();
  const seen = new Set<string>();
  const other = await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void seen.add(noteOf(record)) });
  await other.idle();
  expect(seen.size).toBe(600);
  while ((await lagOf(bus)) > 0) await sleep(10);
  // Twelve effects end behind the back of the group, and their offsets would be committed as soon as the line is there again.
  gate.resolve();
  await sleep(200);
  line.release();
  let behind = 0;
  for (let looks = 0; looks < 60; looks++) {
    behind = Math.max(behind, await lagOf(bus));
    await sleep(50);
  }
  expect(behind).toBe(0);
  end.resolve();
  await late.idle();
  expect(late.lag() + other.lag() + (await lagOf(bus))).toBe(0);
  await Promise.all([cutOff.close(), bus.close()]);
  await line.close();
});

/** What the groups of the topic have not committed. */
async function lagOf(bus: EventBus): Promise<number> {
  return (await bus.topics()).flatMap(({ groups }) => groups).reduce((sum, { lag }) => sum + lag, 0);
}

function lostOf(acknowledged: readonly string[], found: readonly string[]): readonly string[] {
  const there = new Set(found);
  return acknowledged.filter((note) => !there.has(note));
}

async function leaderOf({ brokers }: OwnBrokers, topic: string, partition: number): Promise<number> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.disconnect();
  return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? 1;
}
