import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { PartialRequestOf } from '@millrace/rpc';
import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { Home } from '../home/home.js';

/** A dataset of which the latest version has quarantined rows, duplicates and a ledger. */
export interface Dirty {
  readonly dataset: string;
  readonly version: string;
}

type RunDraft = NonNullable<PartialRequestOf<(typeof IngestionServiceDefinition)['methods']['createIngestionRun']>['ingestionRun']>;

/** Columns by name and type. */
export const columns = (types: Readonly<Record<string, ColumnType>>, badCell = ColumnContract_BadCell.UNSPECIFIED) => Object.entries(types).map(([name, type]) => ({ name, type, badCell }));

/** Reads a source to the end of its run. */
export async function ingest({ ingestion }: Home, ingestionRun: RunDraft, requestId = ''): Promise<IngestionRun> {
  return ended(ingestion.watchIngestionRun({ name: (await ingestion.createIngestionRun({ ingestionRun, requestId })).name }));
}

/** The last thing that a stream says. */
export async function ended<T>(states: AsyncIterable<T>): Promise<T> {
  let last: T | undefined;
  for await (const state of states) last = state;
  if (last === undefined) throw new Error('The stream said nothing.');
  return last;
}

export async function makeDirty(home: Home): Promise<Dirty> {
  await home.ingestion.createDataset({ dataset: { name: 'datasets/known', description: 'known' } });
  const types = { id: ColumnType.INT64, at: ColumnType.TIMESTAMP, amount: ColumnType.FLOAT64 };
  const contract = { columns: [...columns({ id: types.id, at: types.at }, ColumnContract_BadCell.QUARANTINE), ...columns({ amount: types.amount }, ColumnContract_BadCell.MISSING)], key: ['id'], eventTime: 'at' };
  const read = async (file: string, text: string): Promise<IngestionRun> => ingest(home, { dataset: 'datasets/dirty', source: { path: await home.source(file, text) }, contract });
  await read('dirty-1.csv', 'id,at,amount\n1,2001-01-01,1.5\n2,2001-01-02,2.5\n');
  const { datasetVersion: version } = await read('dirty-2.csv', 'id,at,amount\n3,2001-01-03,lots\nfour,2001-01-04,4\n5,never,5\n6,2001-01-06,few\n7,2001-01-07,"1,000"\n1,2001-01-01,9\n7,2001-01-08,8\n');
  return { dataset: 'datasets/dirty', version };
}
