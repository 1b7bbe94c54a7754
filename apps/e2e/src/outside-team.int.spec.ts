import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { DatasetVersionCreated } from '@millrace/contracts/millrace/ingestion/v1/events';
import { IngestionRun_Mode as Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, startAll } from './start-all.js';

/** As much of an AsyncAPI document as a consumer reads. */
interface Document {
  readonly servers: Readonly<Record<string, { readonly host: string }>>;
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: Readonly<Record<string, { readonly $ref: string }>> }>>;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly name: string; readonly contentType: string; readonly headers: { readonly required: readonly string[]; readonly properties: Readonly<Record<string, { readonly const?: string }>> }; readonly payload: { readonly schemaFormat: string; readonly schema: string } }>>;
  };
}

const WANTED = 'millrace.ingestion.v1.DatasetVersionCreated';
let home: Home;
beforeAll(async () => {
  const { MILLRACE_TEST_KAFKA: brokers = '' } = process.env;
  home = await startAll({ env: { MILLRACE_KAFKA_BROKERS: brokers, MILLRACE_KAFKA_PREFIX: `outside-${process.pid}.` } });
}, 120_000);
afterAll(() => home.close());

/** What a team of another house writes: kafkajs, a protobuf library, and the document that is served; nothing of Millrace. */
async function consumeOne(documentUrl: string): Promise<{ readonly key: string; readonly headers: Readonly<Record<string, string>>; readonly payload: object; readonly read: (bytes: Buffer) => object }> {
  const { servers, channels, components } = (await (await fetch(documentUrl)).json()) as Document;
  const [id, message] = Object.entries(components.messages).find(([, { name }]) => name === WANTED) ?? [];
  const channel = Object.values(channels).find(({ messages }) => messages[id ?? '']?.$ref === `#/components/messages/${id}`);
  if (!message || !channel) throw new Error('The document does not say where the event is.');
  if (message.payload.schemaFormat !== 'application/vnd.google.protobuf;version=3') throw new Error(`Cannot read ${message.payload.schemaFormat}.`);
  const reader = readerOf(message.payload.schema, message.name);
  const isWanted = (headers: Readonly<Record<string, string>>): boolean =>
    message.headers.required.every((name) => name in headers) && Object.entries(message.headers.properties).every(([name, { const: only }]) => only === undefined || headers[name] === only);
  const consumer = new Kafka({ brokers: Object.values(servers).map(({ host }) => host), logLevel: logLevel.NOTHING }).consumer({ groupId: `outside-team-${process.pid}`, retry: { restartOnFailure: async () => true } });
  const found = Promise.withResolvers<KafkaMessage>();
  await consumer.connect();
  await consumer.subscribe({ topic: channel.address, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message: record }) => void (isWanted(textsOf(record)) && found.resolve(record)) });
  const record = await found.promise;
  await consumer.disconnect();
  return { key: record.key?.toString() ?? '', headers: textsOf(record), payload: reader.deserialize(record.value ?? Buffer.alloc(0)), read: (bytes) => reader.deserialize(bytes) };
}

const textsOf = ({ headers = {} }: KafkaMessage): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function readerOf(text: string, name: string): MessageTypeDefinition<object, object> {
  const folder = mkdtempSync(join(tmpdir(), 'outside-team-'));
  writeFileSync(join(folder, 'event.proto'), text);
  const types = loadSync('event.proto', { includeDirs: [folder], keepCase: true, longs: String, enums: String, oneofs: true });
  rmSync(folder, { recursive: true });
  return types[name] as MessageTypeDefinition<object, object>;
}

it('an outside team consumes an event with nothing but the document that is served', { timeout: 120_000 }, async () => {
  const { ingestion } = home.clients;
  writeFileSync(join(home.directory, 'rivers.csv'), 'river,length,seen\nAare,291,2001-04-01T05:06:07Z\nReuss,164,2001-04-02T05:06:07Z\nLimmat,35,2001-04-03T05:06:07Z\n');
  const { name } = await ingestion.createIngestionRun({ requestId: 'rivers', ingestionRun: { dataset: 'datasets/rivers', source: { path: join(home.directory, 'rivers.csv') }, contract: { eventTime: 'seen' }, mode: Mode.REPLACE } });
  let state: JobState | undefined;
  for await (const run of ingestion.watchIngestionRun({ name })) state = run.status?.state;
  expect(state).toBe(JobState.SUCCEEDED);

  const event = await consumeOne(`${home.httpAddress}/asyncapi.json`);
  expect(event.key).toBe('datasets/rivers');
  expect(event.headers).toMatchObject({ ce_type: WANTED, ce_partitionkey: 'datasets/rivers', ce_source: expect.stringContaining('ingestion') as string });
  expect(event.payload).toMatchObject({
    dataset_version: {
      name: 'datasets/rivers/versions/1',
      rows: '3',
      event_time_column: 'seen',
      schema: { columns: [{ name: 'river', type: 'COLUMN_TYPE_STRING' }, { name: 'length', type: 'COLUMN_TYPE_INT64' }, { name: 'seen', type: 'COLUMN_TYPE_TIMESTAMP' }] },
      counts: { read: '3', kept: '3' },
    },
  });
  // All fields: as the version reads over gRPC; the event leaves the profile out.
  const datasetVersion = await ingestion.getDatasetVersion({ name: 'datasets/rivers/versions/1' });
  expect(event.payload).toEqual(event.read(Buffer.from(DatasetVersionCreated.encode({ datasetVersion: { ...datasetVersion, profile: [] } }).finish())));
});
