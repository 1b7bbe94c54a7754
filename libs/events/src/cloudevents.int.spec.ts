import { ModelAliasMoved } from '@millrace/contracts/millrace/registry/v1/events';
import { type CloudEvent, CloudEvent as Event, Kafka as Binding, type KafkaMessage } from 'cloudevents';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, it } from 'vitest';
import { sharedBrokers } from './brokers.fixture.js';
import { catalogue, dispatch, type EventContext, onEvent, openKafkaBus, topicsOf, toRecord } from './index.js';
import { collect } from './records.fixture.js';

const brokers = sharedBrokers();
const { modelAliasMoved } = catalogue.registry;
const payload = ModelAliasMoved.fromPartial({ alias: { name: 'models/late/aliases/champion' }, move: { reason: 'better by far, ü' } });
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const time = new Date('2001-05-01T00:00:00.000Z');
let place = 0;
const openPlace = async () => {
  const prefix = `ce-${Date.now()}-${++place}.`;
  return { topic: `${prefix}${modelAliasMoved.topic}`, bus: await openKafkaBus({ brokers, prefix, topic: { partitions: 2 } }) };
};
const foreign = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });

/** What somebody else's consumer gets: the record as kafkajs has it, with texts for headers as the `cloudevents` package wants them. */
async function consumeForeign(topic: string): Promise<KafkaMessage> {
  const consumer = foreign.consumer({ groupId: `${topic}.foreign`, retry: { restartOnFailure: async () => true } });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const found = Promise.withResolvers<KafkaMessage>();
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers = {}, timestamp } }) =>
      found.resolve({ key: key?.toString() ?? '', value, body: value, timestamp, headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, text?.toString()])) }),
  });
  try {
    return await found.promise;
  } finally {
    await consumer.disconnect();
  }
}

it('is read by the `cloudevents` package as a valid event, all of it', { timeout: 60_000 }, async () => {
  const { bus, topic } = await openPlace();
  await bus.publish([toRecord(modelAliasMoved, '/millrace/registry', payload, { id: '0190', time, subject: 'models/late/aliases/champion', traceparent })]);
  const message = await consumeForeign(topic);
  expect(Binding.isEvent(message)).toBe(true);
  const event = Binding.toEvent(message) as CloudEvent<Uint8Array>;
  expect(event.validate()).toBe(true);
  expect({ ...event, data: undefined }).toMatchObject({
    specversion: '1.0',
    id: '0190',
    source: '/millrace/registry',
    type: 'millrace.registry.v1.ModelAliasMoved',
    time: '2001-05-01T00:00:00.000Z',
    subject: 'models/late/aliases/champion',
    datacontenttype: 'application/protobuf',
    dataschema: 'https://type.googleapis.com/millrace.registry.v1.ModelAliasMoved',
    partitionkey: 'models/late',
    traceparent,
  });
  expect(ModelAliasMoved.decode(event.data ?? new Uint8Array(0))).toEqual(payload);
  expect(message.key).toBe('models/late');
  await bus.close();
});

it.each(['binary', 'structured'] as const)('reads what the `cloudevents` package made in %s mode, with a trace, without a time', { timeout: 60_000 }, async (mode) => {
  const { bus, topic } = await openPlace();
  const heard: { readonly message: ModelAliasMoved; readonly context: EventContext }[] = [];
  const routes = [onEvent(modelAliasMoved, async (message, context) => void heard.push({ message, context }))];
  const subscription = await bus.subscribe({ group: 'g', topics: topicsOf(routes), handler: dispatch(routes) });
  const given = { id: 'theirs-1', source: 'https://team.example/registry', type: modelAliasMoved.type, datacontenttype: 'application/protobuf', data: Buffer.from(ModelAliasMoved.encode(payload).finish()), partitionkey: 'models/late', traceparent };
  // The package puts a time into every event; without it the time of the record is that of the event.
  const { headers, key, value } = Binding[mode](new Event(given));
  const timeless = Object.fromEntries(Object.entries(headers).filter(([name, text]) => name !== 'ce_time' && text !== undefined)) as Record<string, string>;
  const producer = foreign.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const before = Date.now() - 60_000;
  await producer.send({ topic, messages: [{ key: String(key), value: value as string | Buffer, headers: timeless }] });
  await producer.disconnect();
  await subscription.idle();
  expect(await collect(bus.deadLetters(modelAliasMoved.topic))).toEqual([]);
  expect(heard.map(({ message }) => message)).toEqual([payload]);
  const [{ context } = { context: undefined }] = heard;
  expect(context).toMatchObject({ id: 'theirs-1', source: 'https://team.example/registry', type: modelAliasMoved.type, traceparent, subject: undefined, record: { key: 'models/late' } });
  expect(context?.time.getTime()).toBeGreaterThan(before);
  await bus.close();
});
