import { canonicalJson, type EventRecord, type PageRequest, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import { DatasetStore } from './dataset.store.js';
import type { Change, IngestionRun } from './ingestion-run.js';

/** The tables of this service. */
export interface IngestionTables {
  dataset: { dataset: string; description: string; latest_version: number; create_time: Date; revision: number };
  dataset_version: { dataset: string; version: number; digest: string; body: string; create_time: Date };
  ingestion_run: { run: string; dataset: string; state: string; request_id: string | null; body: string; create_time: Date };
}

/** Which runs a list shows. */
export interface RunFilter {
  readonly dataset?: string | undefined;
  readonly state?: string | undefined;
}

/** Where ingestion runs are kept. */
export class IngestionRunStore {
  constructor(private readonly store: Store<IngestionTables>) {}

  /** Keeps a new run; where the request id was used before, that run is given back instead. */
  async create(run: IngestionRun): Promise<IngestionRun> {
    await this.store.db.insertInto('ingestion_run').values(toRow(run)).onConflict((conflict) => conflict.column('request_id').doNothing()).execute();
    if (run.requestId === '') return run;
    const row = await this.store.db.selectFrom('ingestion_run').select('body').where('request_id', '=', run.requestId).executeTakeFirstOrThrow();
    return runOf(row.body);
  }

  async find(run: string): Promise<IngestionRun | undefined> {
    const row = await this.store.db.selectFrom('ingestion_run').select('body').where('run', '=', run).executeTakeFirst();
    return row && runOf(row.body);
  }

  /** Newest first, one more than the page holds. */
  async list({ dataset, state }: RunFilter, page: PageRequest): Promise<readonly IngestionRun[]> {
    let query = this.store.db.selectFrom('ingestion_run').select('body').orderBy('run', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('run', '<', page.after);
    if (dataset !== undefined) query = query.where('dataset', '=', dataset);
    if (state !== undefined) query = query.where('state', '=', state);
    return (await query.execute()).map(({ body }) => runOf(body));
  }

  /** Runs that have not ended, oldest first. */
  async unfinished(): Promise<readonly IngestionRun[]> {
    const rows = await this.store.db.selectFrom('ingestion_run').select('body').where('state', 'in', ['PENDING', 'RUNNING']).orderBy('run').execute();
    return rows.map(({ body }) => runOf(body));
  }

  /** Saves a change and its events in one transaction. */
  async save({ run, dataset, version }: Change, records: readonly EventRecord[]): Promise<void> {
    await this.store.write(async (tx, emit) => {
      const { state, body } = toRow(run);
      await tx.updateTable('ingestion_run').set({ state, body }).where('run', '=', run.run).execute();
      if (dataset && version) await DatasetStore.addVersion(tx, dataset, version);
      records.forEach((record) => emit(record));
    });
  }
}

const toRow = (run: IngestionRun): IngestionTables['ingestion_run'] => ({ run: run.run, dataset: run.dataset, state: run.status.state, request_id: run.requestId === '' ? null : run.requestId, body: canonicalJson(run), create_time: run.createTime });

function runOf(body: string): IngestionRun {
  const run = parseCanonicalJson(body) as IngestionRun;
  const { startTime, endTime } = run.status;
  return { ...run, createTime: new Date(run.createTime), status: { ...run.status, startTime: startTime && new Date(startTime), endTime: endTime && new Date(endTime) } };
}
