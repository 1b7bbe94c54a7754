import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FeedRow } from '@millrace/plan';
import { Scorer } from '@millrace/scoring';
import { openTables, type Tables } from '@millrace/tables';
import { type Home, openHome } from './home.fixture.js';
import { makeModel } from './model.fixture.js';

let home: Home;
let tables: Tables;
let artifact: string;
beforeAll(async () => {
  home = await openHome();
  tables = await openTables({ objects: home.objects, threads: 1, memoryLimit: '200MB' });
  artifact = await makeModel(home.objects, 3);
  await tables.run(`CREATE TEMP TABLE held_out AS SELECT TIMESTAMP '2001-03-01' + to_microseconds((i * 7919000001)::BIGINT) AS date, 100 + (i * 131) % 1000 AS distance, (['ATL', 'JFK', 'LAX'])[1 + i % 3] AS origin,
    CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'NaN'::DOUBLE ELSE i / 7e0 END AS rain, (i % 11) / 11e0 AS late_share, i AS id FROM range(400) r(i)`);
});
afterAll(async () => {
  await tables.close();
  await home.close();
});

const INPUTS = 'date, distance, origin, rain, late_share';

/** Held-out rows with the scores that one batch of them gives, each score changed by SQL. */
async function sample(change: string): Promise<string> {
  const scorer = await Scorer.open(home.objects, artifact);
  const rows = await tables.rows<FeedRow>(`SELECT epoch_us(date) AS date, ${INPUTS.slice('date, '.length)} FROM held_out ORDER BY id`);
  const scores = await scorer.scoreRows(rows);
  await scorer.close();
  await tables.load('batch', [{ name: 'id', type: 'INT64', values: BigInt64Array.from(rows, (_, i) => BigInt(i)) }, { name: 'raw', type: 'FLOAT64', values: scores }]);
  return (await tables.writeParquet(`SELECT ${INPUTS}, ${change} AS score FROM held_out JOIN batch USING (id) ORDER BY id`)).ref.digest;
}
const certify = (digest: string, of = artifact) => home.client.certifyParity({ artifact: { digest: of }, sample: { digest } }, { deadlineMs: 60_000 });

it('finds that rows asked one by one have the very bits of their batch, times to the microsecond and missing cells included', async () => {
  expect(await certify(await sample('raw'))).toMatchObject({ rows: 400n, equal: 400n, maxDifference: 0, environment: { node: process.version } });
});

it('counts each row that differs, by a bit or by more, and tells the largest difference', async () => {
  expect(await certify(await sample('CASE id WHEN 7 THEN raw + 0.25 WHEN 300 THEN raw - 0.5 ELSE raw END'))).toMatchObject({ rows: 400n, equal: 398n, maxDifference: 0.5 });
  const { equal, maxDifference } = await certify(await sample('CASE id WHEN 7 THEN raw * (1 + 2.3e-16) ELSE raw END'));
  expect(equal).toBe(399n);
  expect(maxDifference).toBeGreaterThan(0);
  expect(maxDifference).toBeLessThan(1e-15);
  expect(await certify(await sample("CASE id WHEN 7 THEN NULL WHEN 8 THEN 'NaN'::DOUBLE ELSE raw END"))).toMatchObject({ equal: 398n, maxDifference: Infinity });
});

it('certifies nothing over a sample that has no rows or lacks a column, nor over an object that is no model', async () => {
  const parquet = async (sql: string) => (await tables.writeParquet(sql)).ref.digest;
  await expect(certify(await parquet(`SELECT ${INPUTS}, 0.5 AS score FROM held_out WHERE false`))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SAMPLE_EMPTY' });
  await expect(certify(await parquet('SELECT date, distance, origin, rain, 0.5 AS score FROM held_out'))).rejects.toThrow('The parity sample has no column "late_share".');
  await expect(certify(await parquet(`SELECT ${INPUTS} FROM held_out`))).rejects.toThrow('The parity sample has no column "score".');
  const sound = await sample('raw');
  const object = async (text: string) => (await home.objects.put(Buffer.from(text))).digest;
  await expect(certify(sound, await object('no JSON'))).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ARTIFACT_UNREADABLE', metadata: { why: 'it is not JSON' } });
  await expect(certify(sound, await object('{"format":"millrace-model/1","files":{}}'))).rejects.toMatchObject({ metadata: { why: 'it has no signature.json' } });
  await expect(certify(sound, await object('{"format":"millrace-model/9","files":{}}'))).rejects.toMatchObject({ reason: 'ARTIFACT_FORMAT_UNKNOWN' });
});

it('gives a batch in a thread of its own and rows in this one the same bits, and refuses both once it is closed', async () => {
  const scorer = await Scorer.open(home.objects, artifact);
  const rows = Array.from({ length: 1_000 }, (_, i): FeedRow => ({ date: BigInt(i) * 3_600_000_001n, distance: BigInt(i), origin: i % 2 === 0 ? 'ATL' : 'LAX', rain: i / 3 }));
  const batch = await scorer.scoreRows(rows);
  for (const i of [0, 1, 500, 999]) expect((await scorer.scoreRows([rows[i] ?? {}]))[0]).toBe(batch[i]);
  await expect(scorer.scoreRows([{}, { distance: 1.5 }])).rejects.toThrow('Row 1, column "distance": 1.5 is no INT64');
  expect(await scorer.scoreRows([])).toHaveLength(0);
  const closing = scorer.scoreRows(rows);
  await Promise.all([expect(closing).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SCORER_CLOSED' }), scorer.close()]);
  await expect(scorer.scoreRows(rows)).rejects.toMatchObject({ reason: 'SCORER_CLOSED' });
});
