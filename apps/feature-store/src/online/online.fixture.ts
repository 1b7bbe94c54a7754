import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cell, parseCanonicalJson } from '@millrace/core';
import { openLocalObjects, type ObjectStore } from '@millrace/objects';
import { openStore, type Store, type StoreOptions } from '@millrace/store';
import type { FormulaColumn } from '@millrace/plan';
import { type ColumnInput, ident, openTables } from '@millrace/tables';
import { type ResolvedService, resolveService } from '../feature-service.js';
import type { FeatureView } from '../feature-view.js';
import { migrations } from '../migrations.js';
import { HISTORY_SCHEMA, historyColumns, type HistoryRow } from '../offline/history.fixture.js';
import { makeTrainingSet } from '../offline/make-training-set.js';
import { materialize } from '../offline/materialize.js';
import { FileOnline } from './file-online.js';
import type { Online, OnlineOptions } from './online.js';
import { type AskedRow, OnlineService } from './online.service.js';
import { OnlineStore, type OnlineTables } from './online.store.js';
import type { ViewDelta } from './view-delta.js';
import type { FeatureValue } from './view-answers.js';

/** How one side of the port is opened over what every home has. */
export type OpenOnline = (over: { readonly store: Store<OnlineTables>; readonly objects: ObjectStore; readonly options: OnlineOptions }) => Promise<Online>;

export const openFileOnline: OpenOnline = async ({ store, options }) => new FileOnline(new OnlineStore(store), options);

/** A real store and object store in a directory of their own, and services over them. */
export async function openOnlineHome(openOnline: OpenOnline = openFileOnline, place: StoreOptions | undefined = undefined) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-online-'));
  const objects = await openLocalObjects(join(dir, 'objects'));
  const openOne = (): Promise<Store<OnlineTables>> => openStore<OnlineTables>(place ?? { file: join(dir, 'store.sqlite'), migrations });
  const store = await openOne();
  const stores = [store];
  const opened: OnlineService[] = [];
  const faults: unknown[] = [];
  return {
    store,
    faults,
    /** A service as after a restart, or in another process: it knows what is kept and nothing else. */
    async open({ schemaOf = async () => HISTORY_SCHEMA, ownStore = false }: { readonly schemaOf?: (view: FeatureView) => Promise<typeof HISTORY_SCHEMA>; readonly ownStore?: boolean } = {}): Promise<OnlineService> {
      const own = ownStore ? await openOne() : store;
      if (ownStore) stores.push(own);
      const online = new OnlineService(await openOnline({ store: own, objects, options: { schemaOf, onFault: (_, error) => void faults.push(error) } }));
      opened.push(online);
      return online;
    },
    /** Makes a dataset of the rows and fills the view from what was known of them before a time. */
    async fill(online: OnlineService, view: FeatureView, { rows, knownBefore }: { rows: readonly HistoryRow[]; knownBefore?: number }): Promise<number> {
      const tables = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '300MB' });
      try {
        await tables.load('source_rows', historyColumns(rows));
        const { ref } = await tables.writeParquet('SELECT * FROM source_rows');
        const source = { objects: [ref.digest], schema: HISTORY_SCHEMA };
        const { state, ...made } = await materialize({ view, source, knownBefore: knownBefore === undefined ? undefined : BigInt(knownBefore) }, { tables, objects, signal: new AbortController().signal });
        const delta = parseCanonicalJson(Buffer.from(await objects.read(state)).toString('utf8')) as ViewDelta;
        return await online.replace(view, { delta, base: state, schema: made.schema, knownBefore: made.knownBefore });
      } finally {
        await tables.close();
      }
    },
    /** The features of a service for each asked row as a training set has them, over these rows of history; TIMESTAMP cells come as Dates. */
    async trainingSet(service: ResolvedService, { rows, asked, columns }: { rows: readonly HistoryRow[]; asked: readonly Readonly<Record<string, Cell>>[]; columns: readonly FormulaColumn[] }): Promise<readonly Readonly<Record<string, Cell>>[]> {
      const tables = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '300MB' });
      try {
        await tables.load('source_rows', historyColumns(rows));
        const schema = [{ name: 'at', type: 'TIMESTAMP' as const }, ...columns].map((column) => ({ ...column, nullable: true }));
        await tables.load('asked_rows', schema.map(({ name, type }): ColumnInput => (name === 'at' ? { name, type, values: BigInt64Array.from(asked, (row) => BigInt(Number(row['at']))) } : { name, type, values: asked.map((row) => row[name]) })));
        const [source, spine] = [(await tables.writeParquet('SELECT * FROM source_rows')).ref.digest, (await tables.writeParquet('SELECT * FROM asked_rows')).ref.digest];
        const made = await makeTrainingSet(
          { ...service, spine: { datasetVersion: 'datasets/asked/versions/1', eventTime: 'at', from: undefined, to: undefined, columns: [], sampleShare: 0, sampleSeed: 0, labels: [] }, table: { objects: [spine], schema }, references: service.reads.map((reference) => ({ reference, source: { objects: [source], schema: HISTORY_SCHEMA } })) },
          { tables, signal: new AbortController().signal, progress: () => undefined },
        );
        return await tables.rows<Record<string, Cell>>(`SELECT ${service.features.map(ident).join(', ')} FROM ${await tables.scan(made.object.digest)}`);
      } finally {
        await tables.close();
      }
    },
    async close(): Promise<void> {
      await Promise.all(opened.map((online) => online.close()));
      await Promise.all(stores.map((each) => each.close()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** All features of a view, as a service would ask for them. */
export const serviceOf = (view: FeatureView): ResolvedService => resolveService({ service: 's', description: '', references: [{ view: view.view, features: [], prefix: '', keyColumns: {} }] }, new Map([[view.view, view]]));

/** The values of one key at a time. */
export const valuesOf = (online: OnlineService, view: FeatureView, key: string, time: number): Promise<readonly FeatureValue[]> => readOne(online, serviceOf(view), { cell: () => key, value: () => undefined, time });

/** The values of one row. */
export async function readOne(online: OnlineService, service: ResolvedService, row: AskedRow): Promise<readonly FeatureValue[]> {
  const [values] = await online.read(service, [row]);
  if (!values) throw new Error('One row has one answer.');
  return values;
}
