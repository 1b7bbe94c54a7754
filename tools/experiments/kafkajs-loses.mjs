import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';

/**
 * Why libs/events sends each partition by itself: with three brokers, an idempotent producer and acks from all, kafkajs 2.2.4 resolves a send over
 * many partitions, and has not stored all of it, when a leader is killed meanwhile. Prints for both ways how many acknowledged messages are not there.
 * An experiment, not a test: whether it strikes depends on the moment. `node tools/experiments/kafkajs-loses.mjs --runs 3 --messages 20000`
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' }, messages: { type: 'string', default: '20000' } } });
const TOTAL = Number(values.messages);
const PARTITIONS = 12;
const CHUNK = 240;

/** Each way resolves when it believes that the messages are stored. */
const WAYS = {
  'one send over all partitions': (producer, topic, messages) => producer.send({ topic, acks: -1, messages }),
  'one send per partition': async (producer, topic, messages) => {
    const shares = Map.groupBy(messages, ({ partition }) => partition);
    const answers = (await Promise.all([...shares.values()].map((share) => producer.send({ topic, acks: -1, messages: share })))).flat();
    for (const partition of shares.keys()) if (!answers.some((answer) => answer.partition === partition)) throw new Error(`partition ${partition} is not confirmed`);
  },
};

const dir = mkdtempSync(join(tmpdir(), 'millrace-experiment-'));
const release = await guard(dir);
try {
  for (let run = 1; run <= Number(values.runs); run++) for (const way of Object.keys(WAYS)) await experiment(run, way);
} finally {
  await release();
}

async function experiment(run, way) {
  const home = join(dir, `${run}-${Object.keys(WAYS).indexOf(way)}`);
  mkdirSync(home);
  const server = openServer(KINDS.kafka, { dir: home, brokers: 3 });
  const kafka = new Kafka({ brokers: (await server.start()).split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 't', numPartitions: PARTITIONS, replicationFactor: 3 }] });
  const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const acknowledged = [];
  let errors = 0;
  for (let from = 0; from < TOTAL; from += CHUNK) {
    if (from >= TOTAL / 3 && from < TOTAL / 3 + CHUNK) void server.kill9({ only: 1 });
    const messages = Array.from({ length: Math.min(CHUNK, TOTAL - from) }, (_, index) => ({ partition: index % PARTITIONS, key: null, value: String(from + index).padEnd(1024) }));
    await WAYS[way](producer, 't', messages).then(() => acknowledged.push(...messages.map(({ value }) => value.trim())), () => errors++);
  }
  const stored = await readAll(kafka, admin);
  const lost = acknowledged.filter((id) => !stored.has(id));
  process.stdout.write(`run ${run}, ${way}: ${acknowledged.length} acknowledged, ${errors} sends failed, ${lost.length} acknowledged and not stored\n`);
  await Promise.all([producer.disconnect(), admin.disconnect()]);
  await server.wipe();
}

async function readAll(kafka, admin) {
  const ends = new Map((await admin.fetchTopicOffsets('t')).map(({ partition, high }) => [partition, BigInt(high)]));
  const found = new Set();
  const consumer = kafka.consumer({ groupId: 'reader', maxWaitTimeInMs: 200, retry: { restartOnFailure: async () => true } });
  await consumer.connect();
  await consumer.subscribe({ topics: ['t'], fromBeginning: true });
  const open = new Set([...ends].filter(([, high]) => high > 0n).map(([partition]) => partition));
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) found.add(value.toString().trim());
      if (BigInt(batch.lastOffset()) + 1n >= (ends.get(batch.partition) ?? 0n)) open.delete(batch.partition);
    },
  });
  while (open.size > 0) await sleep(100);
  await consumer.disconnect();
  return found;
}
