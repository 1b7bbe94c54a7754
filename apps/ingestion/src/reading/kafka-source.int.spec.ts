import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Contract_ExtraColumns, Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { RowCounts } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { type IngestionRun, IngestionRun_Mode, type KafkaSource } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { type EventRecord } from '@millrace/core';
import { type KafkaBus, openKafkaBus } from '@millrace/events';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, startIngestion } from '../ingestion.fixture.js';

const SPEC_MS = 240_000;
const BROKERS = 'MILLRACE_SOURCE_BROKERS';
const NOBODY = 'MILLRACE_SOURCE_NOBODY';
const IMAGE = join(import.meta.dirname, '../../../../libs/contracts/dist/image.binpb');
const PLAIN = 'MILLRACE_SOURCE_PLAIN';
/** Messages are published until so many runs were killed, and at least so many. */
const [LEAST, MOST, KILLS] = [3_000, 40_000, 2];
const PREFIX = `source-${process.pid}.`;

let ingestion: Ingestion;
let bus: KafkaBus;
let broker: string;
beforeAll(async () => {
  const { MILLRACE_TEST_KAFKA: kafka } = process.env;
  if (kafka === undefined) throw new Error('The servers are not named; run npm run test:cluster, which starts them.');
  broker = kafka;
  const secrets = { [BROKERS]: `kafka://${kafka}`, [NOBODY]: 'kafka://someone:open-sesame@127.0.0.1:1', [PLAIN]: 'kafka://user:open-sesame@host:1?sasl=plain' };
  // Jobs see these of their parent.
  Object.assign(process.env, secrets);
  ingestion = await startIngestion({ ...secrets, MILLRACE_SOURCE_CONNECTIONS: [BROKERS, NOBODY, PLAIN].join(',') });
  bus = await openKafkaBus({ brokers: [kafka], prefix: PREFIX, topic: { partitions: 4 } });
}, SPEC_MS);
afterAll(async () => {
  await bus.close();
  await ingestion.close();
}, SPEC_MS);

const from = (topic: string, more: Partial<KafkaSource> = {}): KafkaSource => ({ connection: BROKERS, topic: `${PREFIX}${topic}`, eventIdColumn: '', skipRemoved: false, descriptorPath: '', messageType: '', ...more });
const create = (topic: string, { more, ...options }: { readonly dataset: string; readonly contract?: ReturnType<typeof contractOf>; readonly mode?: IngestionRun_Mode; readonly more?: Partial<KafkaSource> }) => ingestion.create('', { ...options, source: { kafka: from(topic, more) } });
const read = async (...given: Parameters<typeof create>): Promise<IngestionRun> => ingestion.ended(await create(...given));
const record = (topic: string, value: string | Uint8Array, { id, key = '' }: { readonly id?: string; readonly key?: string } = {}): EventRecord => ({ topic, key, value: typeof value === 'string' ? new TextEncoder().encode(value) : value, headers: id === undefined ? {} : { ce_id: id } });
const ORDERS = contractOf({ id: 'INT64', at: 'TIMESTAMP' });
const order = (id: number | bigint): string => `{"id": ${id},\n "at": "${new Date(Date.parse('2001-01-01') + (Number(id) % 40) * 86_400_000).toISOString()}"}`;
const idsOf = async (run: IngestionRun): Promise<readonly number[]> => (await ingestion.rows(await ingestion.version(run))).map(({ id }) => Number(id)).sort((a, b) => a - b);

/** Ends the process of the only job. */
function killJob(): boolean {
  const jobs = join(ingestion.dataDir, 'ingestion/jobs');
  const [job] = readdirSync(jobs);
  if (job === undefined) return false;
  const [claim] = readdirSync(join(jobs, job)).filter((name) => name.startsWith('claim.'));
  if (claim === undefined) return false;
  process.kill((JSON.parse(readFileSync(join(jobs, job, claim), 'utf8')) as { pid: number }).pid, 'SIGKILL');
  return true;
}

it.each([['', undefined], [' part by part', { by: Partitioning_By.DAY, column: 'at' }]] as const)('reads every message once%s, though runs are killed while more arrive', async (name, partition) => {
  const topic = `orders${partition ? '-daily' : ''}`;
  const dataset = `datasets/${topic}`;
  const contract = partition ? { ...ORDERS, partition } : ORDERS;
  await bus.publish([record(topic, order(0), { key: '0' })]);
  let [published, killed] = [1, 0];
  const publishing = (async () => {
    for (; published < MOST && (published < LEAST || killed < KILLS); published += 100) {
      await bus.publish(Array.from({ length: 100 }, (_, i) => record(topic, order(published + i), { key: String(published + i) })));
      await sleep(partition ? 400 : 100);
    }
  })();
  const runs: IngestionRun[] = [];
  let isPublished = false;
  void publishing.then(() => (isPublished = true));
  for (;;) {
    const isLast = isPublished;
    const run = await create(topic, { dataset, contract });
    if (!isLast && killed < KILLS) {
      // Somewhere on its way; part by part once some are done.
      if (partition) await expect.poll(() => ingestion.manifests().filter((manifest) => manifest.startsWith(`ingestion-runs/${run.name.split('/')[1] ?? ''}/parts/`)).length, { timeout: 60_000, interval: 10 }).toBeGreaterThan(2);
      else for await (const { status } of ingestion.client.watchIngestionRun({ name: run.name })) if (status?.progress) break;
      if (killJob()) killed++;
    }
    const ended = await ingestion.ended(run);
    expect(faultOf(ended), name).toMatchObject({ state: 'SUCCEEDED' });
    runs.push(ended);
    if (isLast) break;
  }
  await publishing;
  expect(killed).toBe(KILLS);
  if (partition) expect(runs.reduce((sum, { partitionsResumed }) => sum + partitionsResumed, 0)).toBeGreaterThan(4);
  const counts = runs.map(countsOf);
  // Nothing was read twice, and nothing passed over.
  expect([counts.reduce((sum, { read: rows }) => sum + rows, 0), counts.reduce((sum, { duplicates }) => sum + duplicates, 0)]).toEqual([published, 0]);
  expect(await idsOf(runs.at(-1) as IngestionRun)).toEqual(Array.from({ length: published }, (_, i) => i));
  const again = await read(topic, { dataset, contract });
  expect(again).toMatchObject({ unchanged: true, datasetVersion: runs.at(-1)?.datasetVersion, counts: { read: 0n } });
}, SPEC_MS);

it('takes an event that was sent twice for one row, names each message by its place, and keeps every digit', async () => {
  const contract = contractOf({ event: 'STRING', id: 'INT64' });
  const more = { eventIdColumn: 'event' };
  await bus.publish([record('twice', '{"id":9007199254740993}', { id: 'e1' }), record('twice', '{"id":"zwei"}', { id: 'e2' }), record('twice', 'no json', { id: 'e3' }), record('twice', '{ }'), record('twice', new Uint8Array(0), { id: 'e5' })]);
  const first = await read('twice', { dataset: 'datasets/twice', contract, more });
  expect(countsOf(first)).toMatchObject({ read: 5, kept: 2, quarantined: 3 });
  const place = (await ingestion.rows(await ingestion.version(first))).map(({ event, id }) => [event, id]);
  expect(place).toEqual([['e1', 9007199254740993n], [expect.stringMatching(/^\d:3$/), undefined]]);
  const { quarantinedRows } = await ingestion.client.listQuarantinedRows({ parent: first.datasetVersion });
  expect(quarantinedRows.map(({ file, row, reasons }) => [file.replace(/\d from/, 'N from'), row, reasons])).toEqual([2n, 3n, 5n].map((row, i) => [`${BROKERS}: ${PREFIX}twice/N from offset 0`, row, ['id: not INT64', 'not JSON', 'not a JSON object'][i]]));
  await bus.publish([record('twice', '{"id":9007199254740993}', { id: 'e1' }), record('twice', '{"id":4}', { id: 'e4' })]);
  expect(countsOf(await read('twice', { dataset: 'datasets/twice', contract, more }))).toMatchObject({ read: 2, kept: 1, duplicates: 1 });
  // What takes the place of all is read from the beginning.
  expect(countsOf(await read('twice', { dataset: 'datasets/twice', contract, more, mode: IngestionRun_Mode.REPLACE }))).toMatchObject({ read: 7, kept: 3, duplicates: 1 });
}, SPEC_MS);

it('reads protobuf by a descriptor, and sets aside what is no such message', async () => {
  const descriptorPath = ingestion.file('image.binpb', readFileSync(IMAGE));
  const more = { descriptorPath, messageType: 'millrace.ingestion.v1.RowCounts' };
  await bus.publish([record('proto', RowCounts.encode(RowCounts.fromPartial({ read: 2n ** 62n + 1n, cellsRepaired: 3n })).finish()), record('proto', new Uint8Array([0xff, 0xff]))]);
  const run = await read('proto', { dataset: 'datasets/proto', contract: contractOf({ read: 'INT64', cells_repaired: 'INT64', kept: 'INT64' }, { extraColumns: Contract_ExtraColumns.DROP }), more });
  expect(countsOf(run)).toMatchObject({ read: 2, kept: 1, quarantined: 1 });
  expect(await ingestion.rows(await ingestion.version(run))).toEqual([{ read: 2n ** 62n + 1n, cells_repaired: 3n, kept: 0n }]);
  expect(faultOf(await read('proto', { dataset: 'datasets/proto', more: { ...more, messageType: 'shop.Order' } }))).toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining('"shop.Order"') });
  await expect(create('proto', { dataset: 'datasets/proto', more: { descriptorPath } })).rejects.toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining('message_type') });
}, SPEC_MS);

it('says which messages went before they were read, and passes over them only where that is asked for', async () => {
  const dataset = 'datasets/gone';
  await bus.publish(Array.from({ length: 40 }, (_, i) => record('gone', `{"id":${i}}`, { key: String(i) })));
  expect(countsOf(await read('gone', { dataset }))).toMatchObject({ read: 40 });
  await bus.publish(Array.from({ length: 40 }, (_, i) => record('gone', `{"id":${i + 40}}`, { key: String(i) })));
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(`${PREFIX}gone`);
  await admin.deleteTopicRecords({ topic: `${PREFIX}gone`, partitions: ends.map(({ partition, high }) => ({ partition, offset: String(Number(high) - 1) })) });
  await admin.disconnect();
  expect(faultOf(await read('gone', { dataset }))).toMatchObject({ reason: 'SOURCE_OFFSETS_GONE', message: expect.stringContaining('skip_removed') });
  expect(countsOf(await read('gone', { dataset, more: { skipRemoved: true } }))).toMatchObject({ read: ends.length, kept: ends.length });
}, SPEC_MS);

it('refuses what is no topic of a connection that is allowed, and tells no secret', async () => {
  await expect(create('x', { dataset: 'datasets/x', more: { connection: 'MILLRACE_SOURCE_OTHER' } })).rejects.toMatchObject({ reason: 'SOURCE_NOT_ALLOWED' });
  await expect(create('x', { dataset: 'datasets/x', more: { topic: 'a b' } })).rejects.toMatchObject({ reason: 'INVALID_SOURCE' });
  expect(faultOf(await read('never', { dataset: 'datasets/never' }))).toMatchObject({ reason: 'SOURCE_UNREACHABLE', message: expect.stringContaining('no such topic') });
  const away = faultOf(await read('x', { dataset: 'datasets/away', more: { connection: NOBODY } }));
  expect(away).toMatchObject({ reason: 'SOURCE_UNREACHABLE' });
  expect(away.message).not.toContain('open-sesame');
  const open = faultOf(await read('x', { dataset: 'datasets/away', more: { connection: PLAIN } }));
  expect(open).toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining('tls=on') });
  expect(open.message).not.toContain('open-sesame');
}, SPEC_MS);
