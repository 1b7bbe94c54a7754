import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalObjects, type ObjectStore } from '@millrace/objects';
import { ident, openTables, type Tables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveService } from '../feature-service.js';
import { featureType, type FeatureView } from '../feature-view.js';
import type { FeatureStatus } from '../online/view-answers.js';
import { type Ask, askedRows, type Drawn, drawHistories, HISTORIES, HISTORIES_OF_SEED, HISTORY_SCHEMA, historyColumns, type HistoryRow, SEARCH_MS, SEEDS } from './history.fixture.js';
import { makeTrainingSet, type SpineSpec } from './make-training-set.js';
import { type Expected, knownTime, oracle } from './oracle.fixture.js';

let dir: string;
let objects: ObjectStore;
let tables: Tables;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-features-'));
  objects = await openLocalObjects(join(dir, 'objects'));
  tables = await openTables({ objects, tempDir: dir, threads: 2, memoryLimit: '500MB' });
});
afterAll(async () => {
  await tables.close();
  rmSync(dir, { recursive: true, force: true });
});

const SPINE: SpineSpec = { datasetVersion: 'datasets/asked/versions/1', eventTime: 'at', from: undefined, to: undefined, columns: [], sampleShare: 0, sampleSeed: 0, labels: [] };
const SPINE_SCHEMA = [
  { name: 'key', type: 'STRING', nullable: true },
  { name: 'place', type: 'INT64', nullable: false },
  { name: 'at', type: 'TIMESTAMP', nullable: false },
] as const;

/** What the join gives for each ask, by feature; times in microseconds. */
async function joined(view: FeatureView, rows: readonly HistoryRow[], asks: readonly (Omit<Ask, 'key'> & { readonly key: string | undefined })[]): Promise<readonly Record<string, Expected['value']>[]> {
  await tables.load('source_rows', historyColumns(rows));
  await tables.load('asked_rows', [
    { name: 'key', type: 'STRING', values: asks.map(({ key }) => key) },
    { name: 'place', type: 'INT64', values: asks.map(({ place }) => place) },
    { name: 'at', type: 'TIMESTAMP', values: BigInt64Array.from(asks, ({ time }) => BigInt(time)) },
  ]);
  const source = (await tables.writeParquet('SELECT * FROM source_rows')).ref.digest;
  const spine = (await tables.writeParquet('SELECT * FROM asked_rows')).ref.digest;
  const service = resolveService({ service: 's', description: '', references: [{ view: view.view, features: [], prefix: 'f_', keyColumns: {} }] }, new Map([[view.view, view]]));
  const [reference] = service.reads;
  if (!reference) return expect.fail();
  const session = await openTables({ objects, tempDir: dir, threads: 2, memoryLimit: '500MB' });
  try {
    const made = await makeTrainingSet(
      { ...service, spine: SPINE, table: { objects: [spine], schema: SPINE_SCHEMA }, references: [{ reference, source: { objects: [source], schema: HISTORY_SCHEMA } }] },
      { tables: session, signal: new AbortController().signal, progress: () => undefined },
    );
    const cells = view.features.map((feature) => (featureType(view, feature, HISTORY_SCHEMA) === 'TIMESTAMP' ? `CAST(epoch_us(${ident(`f_${feature.name}`)}) AS DOUBLE) AS ${ident(feature.name)}` : `${ident(`f_${feature.name}`)} AS ${ident(feature.name)}`));
    const found = await tables.rows<Record<string, Expected['value']>>(`SELECT ${cells.join(', ')} FROM ${await tables.scan(made.object.digest)}`);
    const types = await tables.types(`SELECT * FROM ${await tables.scan(made.object.digest)}`);
    expect(types.map(({ name, type }) => `${name} ${type}`)).toEqual(made.schema.map(({ name, type }) => `${name} ${{ BOOL: 'BOOLEAN', INT64: 'BIGINT', FLOAT64: 'DOUBLE', STRING: 'VARCHAR', TIMESTAMP: 'TIMESTAMP' }[type]}`));
    return found;
  } finally {
    await session.close();
  }
}


/** Every cell in which the join and the search differ, and how many cells there were of each status. */
async function compare(drawn: Drawn, knownAt?: (row: HistoryRow) => number | undefined): Promise<{ readonly differences: readonly string[]; readonly counts: Record<FeatureStatus, number> }> {
  const { view, histories } = drawn;
  const asks = [...drawn.asks, { key: undefined, place: 1n, time: 0 }];
  const found = await joined(view, [...histories.values()].flat(), asks);
  expect(found).toHaveLength(asks.length);
  const differences: string[] = [];
  const counts = { PRESENT: 0, NOT_FOUND: 0, EXPIRED: 0 };
  asks.forEach(({ key, place, time }, i) => {
    const rows = key === undefined ? [] : askedRows(drawn, { key, place, time });
    for (const feature of view.features) {
      const { value, status } = oracle(view, feature, { rows, time, ...(knownAt && { knownAt }) });
      const cell = found[i]?.[feature.name];
      counts[status]++;
      if (!Object.is(cell, value)) differences.push(`${view.view} ${feature.name} of ${key} at ${time}: ${String(cell)}, not ${String(value)}`);
    }
  });
  return { differences, counts };
}

/** Rows that mend an earlier one of the same event when that was known already, and rows that are known long after their event. */
function late({ view, histories }: Drawn): { readonly corrections: number; readonly backfills: number } {
  let [corrections, backfills] = [0, 0];
  for (const rows of histories.values()) {
    rows.forEach((row, i) => {
      const known = knownTime(view, row);
      if (known === undefined) return;
      if (rows.slice(0, i).some((before) => before.event === row.event && (knownTime(view, before) ?? Infinity) < known)) corrections++;
      if (known - row.event > 4 * view.tile) backfills++;
    });
  }
  return { corrections, backfills };
}

it(`joins exactly what was known then: ${HISTORIES} random histories agree with a search through every row`, async () => {
  const all = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const drawn = drawHistories(seed, HISTORIES_OF_SEED);
    all.push({ ...(await compare(drawn)), ...late(drawn) });
  }
  expect(all.reduce((sum, { corrections }) => sum + corrections, 0)).toBeGreaterThan(HISTORIES / 4);
  expect(all.reduce((sum, { backfills }) => sum + backfills, 0)).toBeGreaterThan(HISTORIES / 15);
  expect(all.flatMap(({ differences }) => differences)).toEqual([]);
  for (const status of ['PRESENT', 'NOT_FOUND', 'EXPIRED'] as const) expect(all.reduce((sum, { counts }) => sum + counts[status], 0)).toBeGreaterThan(HISTORIES * 8);
}, SEARCH_MS);

it('is caught by that search when it peeks: rows visible from their event instead of from when they were known', async () => {
  const drawn = drawHistories(3, HISTORIES_OF_SEED);
  const known: FeatureView = { ...drawn.view, knowledge: { column: 'landed', delay: 0, terms: [] } };
  expect((await compare({ ...drawn, view: known })).differences).toEqual([]);
  const peeking: FeatureView = { ...known, knowledge: { column: '', delay: 0, terms: [] } };
  expect((await compare({ ...drawn, view: peeking }, ({ landed }) => landed)).differences.length).toBeGreaterThan(50);
}, 60_000);
