import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell } from '@millrace/core';
import { openLocalObjects, type ObjectStore } from '@millrace/objects';
import { openTables, type Tables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveService } from '../feature-service.js';
import { askedRows, drawHistories, HISTORY_SCHEMA, historyColumns, type HistoryRow, historyTable } from './history.fixture.js';
import { type AskedKey, loadRows, rowsOf, valuesOf } from './key-history.js';
import { oracle } from './oracle.fixture.js';
import { readSourceRows } from './read-source-rows.js';

const signal = new AbortController().signal;
let dir: string;
let objects: ObjectStore;
let tables: Tables;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-source-rows-'));
  objects = await openLocalObjects(join(dir, 'objects'));
  tables = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '300MB' });
});
afterAll(async () => {
  await tables.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Times are told to the millisecond. */
const comparable = (cell: Cell): Cell => (cell instanceof Date ? cell.getTime() : cell);
const expected = (value: Cell, isTime: boolean): Cell => (isTime && value !== undefined ? Math.floor(Number(value) / 1_000) : value);

it.each([1, 2])('shows the rows that a feature was made of: they alone give its value, whether a version holds them or a push (history %i)', { timeout: 120_000 }, async (seed) => {
  const drawn = drawHistories(seed, 11);
  const { view, histories } = drawn;
  // One that is long, and three that stand on the edges of tiles.
  const asks = drawn.asks.filter(({ key }) => ['k0', 'k8', 'k9', 'k10'].includes(key));
  const rows = [...histories.values()].flat();
  const service = resolveService({ service: 's', description: '', references: [{ view: view.view, features: [], prefix: '', keyColumns: {} }] }, new Map([[view.view, view]]));
  const [reference] = service.reads;
  if (!reference) return expect.fail();
  const cut = rows.map(({ event }) => event).sort((a, b) => a - b)[Math.floor(rows.length / 2)] ?? 0;
  const [held, pushed] = [rows.filter(({ event }) => event <= cut), rows.filter(({ event }) => event > cut)];
  await tables.load('held', historyColumns(held));
  const source = { objects: [(await tables.writeParquet('SELECT * FROM held')).ref.digest], schema: HISTORY_SCHEMA };
  async function* pushesSince() {
    yield { push: 7n, table: historyTable(pushed) };
  }
  let [compared, shownPushed] = [0, 0];
  for (const ask of asks) {
    const { key, place, time } = ask;
    const asked: AskedKey = { keys: { key: [key], place: [place] }, time };
    await using session = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '300MB' });
    await loadRows([{ reference, source, version: 'datasets/histories/versions/1' }], { tables: session, asked, signal, pushesSince });
    const values = await valuesOf(service, [{ reference, source, version: '' }], { tables: session, asked, signal });
    for (const feature of view.features) {
      const isTime = feature.column === 'seen' && feature.aggregation !== 'DIFFERENCE';
      const truth = oracle(view, feature, { rows: askedRows(drawn, ask), time });
      expect({ ask, feature, value: comparable(values[feature.name]) }).toEqual({ ask, feature, value: expected(truth.value, isTime) });
      const input = { relation: rowsOf(0), schema: HISTORY_SCHEMA, time, tables: session, signal };
      const { rows: shown, total } = await readSourceRows(view, feature, { ...input, from: 0, most: 1_000 });
      expect(total).toBe(BigInt(shown.length));
      const originals = shown.map(({ place: at, push }): HistoryRow => (push === 0n ? held : pushed)[Number(at) - 1] ?? expect.fail());
      expect(shown.map(({ event }) => event)).toEqual(originals.map(({ event }) => event));
      if (truth.status === 'EXPIRED') continue;
      // In the order in which they stood: of equal rows the last one counts.
      const alone = oracle({ ...view, ttl: 0 }, feature, { rows: rows.filter((row) => originals.includes(row)), time });
      // An empty window of a key that is known counts no rows.
      if (shown.length > 0) expect({ ask, feature, alone: alone.value }).toEqual({ ask, feature, alone: truth.value });
      else expect([undefined, 0n]).toContain(truth.value);
      compared += shown.length;
      shownPushed += shown.filter(({ push }) => push === 7n).length;
    }
  }
  expect(compared).toBeGreaterThan(50);
  expect(shownPushed).toBeGreaterThan(5);
});
