import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCanonicalJson } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { openStore } from '@millrace/store';
import { openTables } from '@millrace/tables';
import { type ResolvedReference, resolveService } from '../feature-service.js';
import type { FeatureView } from '../feature-view.js';
import { migrations } from '../migrations.js';
import { HISTORY_SCHEMA, historyColumns, type HistoryRow } from '../offline/history.fixture.js';
import { materialize } from '../offline/materialize.js';
import { OnlineService } from './online.service.js';
import { OnlineStore, type OnlineTables } from './online.store.js';
import type { ViewDelta } from './view-delta.js';
import type { FeatureValue } from './view-state.js';

/** A real store and object store in a directory of their own, and services over them. */
export async function openOnlineHome() {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-online-'));
  const objects = await openLocalObjects(join(dir, 'objects'));
  const store = await openStore<OnlineTables>({ file: join(dir, 'store.sqlite'), migrations });
  const faults: unknown[] = [];
  const open = (schemaOf: (view: FeatureView) => Promise<typeof HISTORY_SCHEMA> = async () => HISTORY_SCHEMA) => new OnlineService(new OnlineStore(store), { schemaOf, onFault: (_, error) => void faults.push(error) });
  return {
    store,
    faults,
    /** A service as after a restart: it knows what is kept and nothing else. */
    open,
    /** Makes a dataset of the rows and fills the view from what was known of them before a time. */
    async fill(online: OnlineService, view: FeatureView, { rows, knownBefore }: { rows: readonly HistoryRow[]; knownBefore?: number }): Promise<number> {
      const tables = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '300MB' });
      try {
        await tables.load('source_rows', historyColumns(rows));
        const { ref } = await tables.writeParquet('SELECT * FROM source_rows');
        const source = { objects: [ref.digest], schema: HISTORY_SCHEMA };
        const { state, ...made } = await materialize({ view, source, knownBefore: knownBefore === undefined ? undefined : BigInt(knownBefore) }, { tables, objects, signal: new AbortController().signal });
        const delta = parseCanonicalJson(Buffer.from(await objects.read(state)).toString('utf8')) as ViewDelta;
        return await online.replace(view, { delta, schema: made.schema, knownBefore: made.knownBefore });
      } finally {
        await tables.close();
      }
    },
    async close(): Promise<void> {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** All features of a view, as a service would ask for them. */
export function referenceOf(view: FeatureView): ResolvedReference {
  const [reference] = resolveService({ service: 's', description: '', references: [{ view: view.view, features: [], prefix: '', keyColumns: {} }] }, new Map([[view.view, view]]));
  if (!reference) throw new Error('A service of one view resolves to one reference.');
  return reference;
}

/** The values of one key at a time. */
export const valuesOf = (online: OnlineService, view: FeatureView, key: string, time: number): Promise<readonly FeatureValue[]> => online.read(referenceOf(view), () => key, { time, index: 0 });
