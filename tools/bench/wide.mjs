import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { connect } from '@millrace/rpc';
import { openDuckdb } from './bare-duckdb.mjs';
import { LIMITS, WORK } from './flights.mjs';

/** Machines with as many readings each as a wide online vector has features. */
export const ENTITIES = 1_000;
export const WIDTHS = [50, 250];
const NAMES = Array.from({ length: Math.max(...WIDTHS) }, (_, i) => `reading_${i}`);
/** The time of the readings. */
export const TAKEN = new Date('2026-01-01T00:00:00Z');
export const serviceOf = (width) => `featureServices/machines-${width}`;

/** A Parquet file of one row a machine: its number, the time, and 250 doubles. */
export async function readingsFile() {
  const folder = join(WORK, 'wide');
  const path = join(folder, `machines-${ENTITIES}.parquet`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const database = await openDuckdb(LIMITS);
  const readings = NAMES.map((name, i) => `(hash(machine * 1000 + ${i}) >> 11) / 9007199254740992.0 AS ${name}`);
  await database.run(`COPY (SELECT machine, TIMESTAMP '${TAKEN.toISOString().slice(0, 19).replace('T', ' ')}' AS taken, ${readings.join(', ')} FROM range(${ENTITIES}) AS t(machine)) TO '${path}.part' (FORMAT parquet)`);
  database.close();
  await rename(`${path}.part`, path);
  return path;
}

/** Reads the file into a home, defines a view with the latest of every reading and a service of each width, and materialises them. */
export async function fillWide({ grpc }) {
  const ingestion = connect(IngestionServiceDefinition, grpc);
  const features = connect(FeatureStoreServiceDefinition, grpc);
  try {
    const columns = [{ name: 'machine', type: ColumnType.INT64 }, { name: 'taken', type: ColumnType.TIMESTAMP }, ...NAMES.map((name) => ({ name, type: ColumnType.FLOAT64 }))];
    const { name } = await ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/machines', source: { path: await readingsFile() }, contract: { columns, eventTime: 'taken' } } });
    await succeeded(ingestion.watchIngestionRun({ name }));
    await features.applyEntity({ entity: { name: 'entities/machine', joinKeys: [{ name: 'machine', type: ColumnType.INT64 }] } });
    const view = { name: 'featureViews/machines', entity: 'entities/machine', dataset: 'datasets/machines', eventTimeColumn: 'taken', features: NAMES.map((column) => ({ name: column, column, aggregation: Feature_Aggregation.LATEST })) };
    await features.applyFeatureView({ featureView: view });
    for (const width of WIDTHS) await features.applyFeatureService({ featureService: { name: serviceOf(width), features: [{ featureView: view.name, features: NAMES.slice(0, width) }] } });
    const materialization = await features.createMaterialization({ materialization: { featureView: view.name } });
    await succeeded(features.watchMaterialization({ name: materialization.name }));
  } finally {
    ingestion.close();
    features.close();
  }
}

async function succeeded(states) {
  let last;
  for await (const state of states) last = state;
  if (last?.status?.state !== JobState.SUCCEEDED) throw new Error(`It did not end well: ${last?.status?.error?.message ?? last?.status?.state}.`);
}
