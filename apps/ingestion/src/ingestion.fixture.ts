import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import type { Contract } from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { IngestionRun, IngestionRun_Mode, Source } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Cell } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { type Client, connect, type PartialRequestOf } from '@millrace/rpc';
import { runServices } from '@millrace/service';
import { openTables } from '@millrace/tables';
import { ingestionService } from './index.js';

type RunRequest = PartialRequestOf<(typeof IngestionServiceDefinition)['methods']['createIngestionRun']>;

/** How a file is ingested. */
export interface IngestOptions {
  readonly contract?: NonNullable<NonNullable<RunRequest['ingestionRun']>['contract']>;
  readonly dataset?: string;
  readonly mode?: IngestionRun_Mode;
  readonly source?: Partial<Source>;
  readonly requestId?: string;
}

/** A failed run as a caller sees it. */
export interface Fault {
  readonly state: string;
  readonly reason: string;
  readonly message: string;
}

/** The ingestion service over a directory of its own, called by gRPC; its jobs are processes. */
export interface Ingestion {
  readonly client: Client<typeof IngestionServiceDefinition>;
  readonly dataDir: string;
  readonly httpAddress: string;
  /** The path of a file below the only allowed root, written when content is given. */
  file(name: string, content?: string | Uint8Array): string;
  create(path: string, options?: IngestOptions): Promise<IngestionRun>;
  /** The run once it has ended. */
  ended(run: IngestionRun): Promise<IngestionRun>;
  /** Ingests a file and gives the run once it has ended. */
  ingest(name: string, content?: string | Uint8Array, options?: IngestOptions): Promise<IngestionRun>;
  version(run: IngestionRun): Promise<DatasetVersion>;
  /** The rows of a version, as they are kept. */
  rows(version: DatasetVersion): Promise<Record<string, Cell>[]>;
  manifests(): readonly string[];
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

const TYPES = { BOOL: ColumnType.BOOL, INT64: ColumnType.INT64, FLOAT64: ColumnType.FLOAT64, STRING: ColumnType.STRING, TIMESTAMP: ColumnType.TIMESTAMP } as const;

/** A contract of columns by name and type, with whatever else it says. */
export const contractOf = (columns: Readonly<Record<string, keyof typeof TYPES | ({ type: keyof typeof TYPES } & Partial<Omit<Contract['columns'][number], 'type' | 'name'>>)>>, more: Omit<NonNullable<IngestOptions['contract']>, 'columns'> = {}): NonNullable<IngestOptions['contract']> => ({
  columns: Object.entries(columns).map(([name, column]) => (typeof column === 'string' ? { name, type: TYPES[column] } : { ...column, name, type: TYPES[column.type] })),
  ...more,
});

/** Why a run failed; its state alone when it did not. */
export function faultOf({ status }: IngestionRun): Fault {
  const [detail] = status?.error?.details ?? [];
  return { state: (status?.state ?? '').replace('JOB_STATE_', ''), reason: detail ? ErrorInfo.decode(detail.value).reason : '', message: status?.error?.message ?? '' };
}

/** The counts of a run as numbers, once it is sure that they add up. */
export function countsOf(run: IngestionRun): { read: number; kept: number; duplicates: number; quarantined: number; cellsRepaired: number } {
  const { counts } = run;
  if (!counts) throw new Error(`The run has no counts: ${faultOf(run).message}`);
  const { read, kept, duplicates, quarantined, cellsRepaired } = counts;
  if (read !== kept + duplicates + quarantined) throw new Error(`${read} is not ${kept} + ${duplicates} + ${quarantined}.`);
  return { read: Number(read), kept: Number(kept), duplicates: Number(duplicates), quarantined: Number(quarantined), cellsRepaired: Number(cellsRepaired) };
}

/** Starts the service on a free port. */
export async function startIngestion(env: Readonly<Record<string, string>> = {}): Promise<Ingestion> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-ingestion-'));
  const [sources, dataDir] = [join(dir, 'sources'), join(dir, 'data')];
  mkdirSync(sources);
  const start = async (more: Readonly<Record<string, string>> = {}) => {
    const running = await runServices([ingestionService], { env: { MILLRACE_DATA_DIR: dataDir, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', LOG_LEVEL: 'silent', MILLRACE_SOURCE_ROOTS: sources, ...env, ...more } });
    return { running, client: connect(IngestionServiceDefinition, running.grpcAddress) };
  };
  let { running, client } = await start();
  let datasets = 0;
  const stop = async (): Promise<void> => {
    client.close();
    await running.close();
  };
  const ingestion: Ingestion = {
    get client() {
      return client;
    },
    dataDir,
    get httpAddress() {
      return running.httpAddress;
    },
    file: (name, content) => {
      if (content !== undefined) writeFileSync(join(sources, name), content);
      return join(sources, name);
    },
    create: (path, { contract, dataset = `datasets/d${++datasets}`, mode, source, requestId = '' } = {}) =>
      client.createIngestionRun({ ingestionRun: { dataset, source: { path, ...source }, ...(contract ? { contract } : {}), ...(mode ? { mode } : {}) }, requestId }),
    ended: async (run) => {
      let last = run;
      for await (const state of client.watchIngestionRun({ name: run.name })) last = state;
      return last;
    },
    ingest: async (name, content, options) => ingestion.ended(await ingestion.create(ingestion.file(name, content), options)),
    version: ({ datasetVersion }) => client.getDatasetVersion({ name: datasetVersion }),
    rows: async ({ objects }) => {
      await using tables = await openTables({ objects: await openLocalObjects(join(dataDir, 'objects')) });
      return await tables.rows(`SELECT * FROM ${await tables.scan(objects.map(({ digest }) => digest))}`);
    },
    manifests: () => readdirSync(join(dataDir, 'objects/manifests'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.manifest')),
    restart: async (more) => {
      await stop();
      ({ running, client } = await start(more));
    },
    close: async () => {
      await stop();
      rmSync(dir, { recursive: true });
    },
  };
  return ingestion;
}
