import { openKafkaBus } from '@millrace/events';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { inTurns } from './in-turns.mjs';
import { withOwnServers } from './own-servers.mjs';

export const title = 'bus on Kafka: events of 1 KiB, acknowledged by all copies';

const EVENTS = 24_000;
const BLOCK = 1_200;
const BYTES = 1_024;
const KEYS = 480;
const PARTITIONS = 12;

/** Our bus against kafkajs with the same safety: idempotent, acks from all, each partition sent by itself and asserted; the same records, one block after another. */
export async function run({ runs, say }) {
  return withOwnServers(['kafka'], async ({ kafka }) => {
    const brokers = kafka.split(',');
    const bus = await openKafkaBus({ brokers, topic: { partitions: PARTITIONS } });
    const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
    await producer.connect();
    // Both topics are there, and known to both, before anything is measured.
    for (const topic of ['ours', 'base']) await bus.publish(blocksOf(topic)[0].map((record) => ({ ...record, key: 'warm' })));
    const before = await counts(bus);
    const partitions = await partitionsOf(bus);
    try {
      const found = await inTurns({ ours: () => measured(() => publish(bus, blocksOf('ours'))), base: () => measured(() => send(producer, blocksOf('base'), partitions)) }, { runs, say });
      const after = await counts(bus);
      const [ours, base] = ['ours', 'base'].map((topic) => after[topic] - before[topic]);
      if (ours !== base || ours !== EVENTS * (runs + 1)) throw new Error(`The two sides stored ${ours} and ${base} events of ${EVENTS * (runs + 1)}.`);
      return [
        { id: 'bus-kafka', unit: 's', ours: found.ours.seconds, base: found.base.seconds, aim: { ratio: 1.1 }, note: `${EVENTS} events; ${Math.round(EVENTS / found.ours.seconds)}/s` },
        { id: 'bus-kafka-cpu', unit: 'CPU s', ours: found.ours.cpu, base: found.base.cpu },
      ];
    } finally {
      await producer.disconnect();
      await bus.close();
    }
  });
}

/** Records with the headers that every event has. */
function blocksOf(topic) {
  const value = new Uint8Array(BYTES).fill(7);
  const record = (i) => ({
    topic,
    key: `models/model-${i % KEYS}`,
    value,
    headers: {
      'content-type': 'application/protobuf',
      ce_specversion: '1.0',
      ce_id: `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`,
      ce_source: '/millrace/bench',
      ce_type: 'millrace.bench.v1.Event',
      ce_time: '2001-04-01T00:00:00.000Z',
      ce_dataschema: 'https://type.googleapis.com/millrace.bench.v1.Event',
      ce_partitionkey: `models/model-${i % KEYS}`,
    },
  });
  return Array.from({ length: EVENTS / BLOCK }, (_, block) => Array.from({ length: BLOCK }, (_, i) => record(block * BLOCK + i)));
}

async function publish(bus, blocks) {
  for (const block of blocks) await bus.publish(block);
}

/** What a careful person writes by hand. */
async function send(producer, blocks, partitions) {
  for (const block of blocks) {
    const shares = Map.groupBy(block, ({ key }) => partitions.get(key));
    await Promise.all(
      [...shares].map(async ([partition, share]) => {
        const answers = await producer.send({ topic: 'base', acks: -1, messages: share.map(({ key, value, headers }) => ({ partition, key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength), headers })) });
        if (!answers.some((answer) => answer.partition === partition && answer.errorCode === 0)) throw new Error(`Partition ${partition} is not confirmed.`);
      }),
    );
  }
}

/** The partition of each key, as the bus chose it: the other side is not to pay for finding it. */
async function partitionsOf(bus) {
  await bus.publish(Array.from({ length: KEYS }, (_, i) => ({ topic: 'keys', key: `models/model-${i}`, value: new Uint8Array(0), headers: {} })));
  const found = new Map();
  for await (const { key, partition } of bus.replay('keys', { from: 0n })) found.set(key, partition);
  return found;
}

const counts = async (bus) => Object.fromEntries((await bus.topics()).map(({ name, records }) => [name, records]));

async function measured(work) {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6 };
}
