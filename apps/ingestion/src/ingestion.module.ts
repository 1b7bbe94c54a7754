import { type DynamicModule, Module } from '@nestjs/common';
import { entryUrl } from '@millrace/core';
import { Changes, JobDesk, JobStore, type ServiceContext } from '@millrace/service';
import { z } from 'zod';
import { DatasetService } from './dataset.service.js';
import { DatasetStore, type IngestionTables } from './dataset.store.js';
import type { IngestJobArgument } from './ingest.job.js';
import type { IngestResult } from './ingest-result.js';
import { IngestionController } from './ingestion.controller.js';
import { encodeLogged } from './ingestion.events.js';
import type { IngestionRun } from './ingestion-run.js';
import { type IngestionLimits, IngestionRunService } from './ingestion-run.service.js';
import { InspectionService } from './inspection.service.js';
import { PushFlusher } from './pushing/push-flusher.js';
import { PushService } from './pushing/push.service.js';
import { PushStore } from './pushing/push.store.js';
import { SetAsideService } from './set-aside.service.js';
import { SourceCursorStore } from './source-cursor.store.js';

const MINUTE = 60_000;

const list = () => z.string().default('');
const split = (text: string): readonly string[] => text.split(',').map((one) => one.trim()).filter((one) => one !== '');

/** What this service reads from the environment. */
export const ingestionConfig = z.object({
  MILLRACE_SOURCE_ROOTS: z.string().default(process.cwd()).describe('Folders below which sources may lie, parted by colons.'),
  MILLRACE_SOURCE_BUCKETS: list().describe('Buckets that sources may read, each with or without a prefix, such as raw/flights, parted by commas; AWS_ACCESS_KEY_ID and its like, or a role, give access.'),
  MILLRACE_SOURCE_S3_ENDPOINT: z.url().optional().describe('Another S3 server for sources than that of AWS.'),
  MILLRACE_SOURCE_S3_REGION: z.string().default('us-east-1').describe('The region of the buckets that sources read.'),
  MILLRACE_SOURCE_CONNECTIONS: list().describe('Names of environment variables, each MILLRACE_SOURCE_…, that hold URLs of PostgreSQL databases or Kafka brokers which sources may read, parted by commas. Files of certificates and of the password are named by variables of the same name with _CA_FILE, _CERT_FILE, _KEY_FILE, _PASSWORD_FILE behind it.'),
  MILLRACE_PUSH_ROWS: z.coerce.number().int().min(1).max(10_000_000).default(100_000).describe('So many pushed rows of a dataset that wait become a version.'),
  MILLRACE_PUSH_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60).describe('So long pushed rows wait at most until a version is made of them.'),
  MILLRACE_INGESTION_MEMORY: z.string().regex(/^\d+(MB|GB)$/).default('1GB').describe('Memory for the tables of one ingestion run.'),
  MILLRACE_INGESTION_SPILL: z.string().regex(/^\d+(MB|GB)$/).default('64GB').describe('Room on the disk for what of one ingestion run does not fit into its memory.'),
  MILLRACE_INGESTION_THREADS: z.coerce.number().int().min(1).max(64).default(2).describe('Threads of one ingestion run.'),
  MILLRACE_INGESTION_TIMEOUT_MINUTES: z.coerce.number().int().min(1).max(1440).default(60).describe('Longest time that one ingestion run may take.'),
});
export type IngestionConfig = z.infer<typeof ingestionConfig>;

const JOB_MEMORY_MB = 4096;

@Module({})
export class IngestionModule {
  /** Wires the service: the one place where its parts are made. */
  static of({ store, objects, jobs, clock, config, log }: ServiceContext<IngestionConfig, IngestionTables>): DynamicModule {
    const { MILLRACE_SOURCE_S3_ENDPOINT: endpoint, MILLRACE_SOURCE_S3_REGION: region } = config;
    const rules = { roots: config.MILLRACE_SOURCE_ROOTS.split(':'), buckets: split(config.MILLRACE_SOURCE_BUCKETS), connections: split(config.MILLRACE_SOURCE_CONNECTIONS), s3: { region, ...(endpoint === undefined ? {} : { endpoint }) } };
    const limits: IngestionLimits = { ...rules, memoryLimit: config.MILLRACE_INGESTION_MEMORY, spillLimit: config.MILLRACE_INGESTION_SPILL, threads: config.MILLRACE_INGESTION_THREADS };
    const datasets = new DatasetService(new DatasetStore(store), clock);
    const pushes = new PushService(new PushStore(store), datasets, objects, clock);
    const changes = new Changes(store.signals);
    const kept = new JobStore<IngestionRun>(store, 'ingestion_run', { lane: ({ dataset }) => dataset });
    const desk = new JobDesk<IngestionRun, IngestJobArgument, IngestResult>({
      jobs,
      store: kept,
      changes,
      entry: entryUrl(import.meta.url, './ingest.job.js'),
      memoryMb: JOB_MEMORY_MB,
      timeoutMs: config.MILLRACE_INGESTION_TIMEOUT_MINUTES * MINUTE,
      order: (run) => runs.order(run),
      onBegin: (name) => runs.begin(name),
      onResult: (name, result) => runs.complete(name, result),
      onError: (name, error) => runs.fail(name, error),
      onLog: (run, part) => store.write(async (_, emit) => emit(encodeLogged(run, part))),
      onFault: (name, error) => log.error({ err: error, run: name }, 'the end of an ingestion run could not be kept'),
    });
    const runs: IngestionRunService = new IngestionRunService(kept, datasets, new SourceCursorStore(store), pushes, desk, changes, objects, limits, clock);
    const flusher = new PushFlusher(pushes, { rows: config.MILLRACE_PUSH_ROWS, ageMs: config.MILLRACE_PUSH_SECONDS * 1_000, clock, flush: (dataset, requestId) => runs.flush(dataset, requestId), onError: (error) => log.error({ err: error }, 'pushed rows could not be made a version') });
    return {
      module: IngestionModule,
      controllers: [IngestionController],
      providers: [
        { provide: DatasetService, useValue: datasets },
        { provide: IngestionRunService, useValue: runs },
        { provide: PushService, useValue: pushes },
        { provide: PushFlusher, useValue: flusher },
        { provide: SetAsideService, useValue: new SetAsideService(objects) },
        { provide: InspectionService, useValue: new InspectionService(objects, limits, clock) },
      ],
    };
  }
}
