import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, openKafkaBus } from '@millrace/events';
import { PLANTED } from './kafka-facts.mjs';

const TOPIC = 'millrace.inference.v1';
const DEAD_LETTERS = `${TOPIC}.dlq`;
const CATCH_UP_MS = 90_000;
const POLL_MS = 250;
/** Each handler of the slow consumer takes so much longer. */
const SLOW_MS = 200;
const FLOOD = { records: 3_000, bytes: 64 * 1024, batch: 100 };
/** While the last two thirds of the flood come, which are 125 MB, the slow consumer may grow by so much: by more it would hold what it cannot handle. */
const MOST_GROWTH_MB = 64;
/** The flood has come, and the consumer is still slow, for so long. */
const SLOW_ON_MS = 10_000;
const FLOOD_MB = Math.round((FLOOD.records * FLOOD.bytes) / 1024 ** 2);
/** Every key has its partition: poison lies in one, and what comes after it in the same. */
const KEY = 'endpoints/late-flights';

/** Rows that put events in the way of consumers. */
export const eventRows = {
  'slow-consumer': {
    fault: `the monitor handles events more than ten times slower than they come: ${FLOOD.records} of ${FLOOD.bytes / 1024} KiB`,
    roundsPerStory: 1,
    holds: `memory stays within ${MOST_GROWTH_MB} MB while ${FLOOD_MB} MB come, the lag shows, it catches up`,
    recoverMs: 120_000,
    env: (name) => (name === 'monitor' ? effect('slow-consumer', SLOW_MS) : {}),
    strike: ({ world, findings }) => withBus(world, async (bus) => {
      const { pid } = world.parts.find(({ service }) => service === 'monitor');
      const before = world.memoryOf(pid);
      process.kill(pid, 'SIGUSR2');
      const from = performance.now();
      const held = [];
      for (let sent = 0; sent < FLOOD.records; sent += FLOOD.batch) {
        await bus.publish(Array.from({ length: FLOOD.batch }, (_, i) => foreign(`flood-${(sent + i) % 97}`, Buffer.alloc(FLOOD.bytes, 'f'))));
        held.push(world.memoryOf(pid));
      }
      const produced = FLOOD.records / ((performance.now() - from) / 1_000);
      const peaks = { lag: 0, memory: before };
      const look = async () => {
        const lag = await lagOf(bus, 'monitor');
        peaks.lag = Math.max(peaks.lag, lag);
        peaks.memory = Math.max(peaks.memory, world.memoryOf(pid));
        return lag;
      };
      const slowUntil = performance.now() + SLOW_ON_MS;
      for (; performance.now() < slowUntil; await sleep(POLL_MS)) {
        await look();
        held.push(world.memoryOf(pid));
      }
      process.kill(pid, 'SIGUSR2');
      const began = performance.now();
      const rest = await until(look, (lag) => lag === 0);
      const seconds = (performance.now() - began) / 1_000;
      findings.that(peaks.lag > FLOOD.records / 2, 'the lag shows', `it was ${peaks.lag} at most`);
      const rising = held.slice(Math.floor(FLOOD.records / FLOOD.batch / 3));
      const growth = Math.max(...rising) - rising[0];
      findings.that(growth < MOST_GROWTH_MB, 'bounded memory', `the monitor grew by ${growth.toFixed(0)} MB while it was slow: ${held.map((mb) => mb.toFixed(0)).join(' ')}`);
      findings.that(rest === 0, 'catches up', `${rest} events behind after ${CATCH_UP_MS / 1_000} s`);
      return { told: `${produced.toFixed(0)} events/s came, lag ${peaks.lag}, caught up in ${seconds.toFixed(0)} s, memory ${before.toFixed(0)} MB before, ${Math.max(...held).toFixed(0)} MB while slow, ${peaks.memory.toFixed(0)} MB at most` };
    }),
  },
  'poison-event': {
    fault: 'an event that is no message of its type, among others of its partition',
    holds: 'it lies with the dead letters, with its cause; the partition goes on',
    strike: ({ world, random, findings }) => withBus(world, async (bus) => {
      const event = random.pick([catalogue.inference.predictionsLogged, catalogue.inference.labelsReceived]);
      const id = `${PLANTED}${randomUUID()}`;
      await bus.publish([{ topic: TOPIC, key: KEY, headers: { ...HEADERS, ce_id: id, ce_type: event.type }, value: Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07]) }]);
      const letters = await until(async () => (await deadLetters(bus)).filter(({ headers }) => headers.ce_id === id), (found) => found.length > 0);
      findings.that(letters.length > 0, 'poison goes to the dead letters', `${event.type} ${id} does not lie in ${DEAD_LETTERS}`);
      for (const { headers } of letters) findings.that((headers.dlq_message ?? '') !== '' && headers.ce_type === event.type, 'a dead letter has its cause and its headers', JSON.stringify(headers));
      const lag = await until(() => lagOf(bus, 'monitor'), (rest) => rest === 0);
      findings.that(lag === 0, 'the partition goes on', `the monitor is ${lag} events behind`);
      return { told: `${event.type.split('.').at(-1)} of 5 bytes, ${letters.length} dead letters` };
    }),
  },
  'newer-event': {
    fault: 'events with a field that nobody knows yet, and events of a type that nobody knows yet',
    holds: 'unknown fields are ignored, each event has its effect once, no dead letter',
    env: () => effect('newer-events', 0),
    strike: ({ world, random, findings }) => withBus(world, async (bus) => {
      for (const { pid } of world.parts) process.kill(pid, 'SIGUSR2');
      await bus.publish([foreign(KEY, Buffer.from('of a type that is not known'))]);
      const ms = random.between(2_000, 6_000);
      await sleep(ms);
      for (const { pid } of world.parts) process.kill(pid, 'SIGUSR2');
      const lag = await until(() => lagOf(bus, 'monitor'), (rest) => rest === 0);
      findings.that(lag === 0, 'the partition goes on', `the monitor is ${lag} events behind`);
      return { told: `every event for ${(ms / 1_000).toFixed(0)} s` };
    }),
  },
};

export const effect = (name, amount) => ({ MILLRACE_CHAOS_EFFECT: name, MILLRACE_CHAOS_AMOUNT: String(amount) });

const HEADERS = { ce_specversion: '1.0', ce_source: 'chaos', content_type: 'application/protobuf' };

/** An event that is nobody's. */
const foreign = (key, value) => ({ topic: TOPIC, key, headers: { ...HEADERS, ce_id: `${PLANTED}${randomUUID()}`, ce_type: 'millrace.inference.v1.SomethingNewer' }, value });

async function withBus({ place: { direct } }, work) {
  const bus = await openKafkaBus({ brokers: direct.MILLRACE_KAFKA_BROKERS.split(','), prefix: direct.MILLRACE_KAFKA_PREFIX });
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}

/** How far the groups of a service are behind, as Kafka has it. */
async function lagOf(bus, service) {
  const topics = await bus.topics();
  return topics.filter(({ name }) => name === TOPIC).flatMap(({ groups }) => groups).filter(({ group }) => group.startsWith(service)).reduce((sum, { lag }) => sum + lag, 0);
}

async function deadLetters(bus) {
  const found = [];
  for await (const record of bus.deadLetters(TOPIC)) found.push(record);
  return found;
}

/** Asks until the answer is the wanted one, or the time is over. */
async function until(ask, wanted) {
  for (const end = performance.now() + CATCH_UP_MS; ; await sleep(POLL_MS)) {
    const answer = await ask();
    if (wanted(answer) || performance.now() > end) return answer;
  }
}
