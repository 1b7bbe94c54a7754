import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { entryUrl } from '@millrace/core';
import { detached } from '@millrace/rpc';
import { Changes, JobDesk, JobStore, type ServiceContext } from '@millrace/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { z } from 'zod';
import { DefinitionService } from './definition.service.js';
import { DefinitionStore, type DefinitionTables } from './definition.store.js';
import { EndpointUseStore } from './endpoint-use.store.js';
import { ExplanationService } from './explanation.service.js';
import { FeatureStoreController } from './feature-store.controller.js';
import { encodeLogged } from './features.events.js';
import { checkSource, featureViewName } from './feature-view.js';
import { FeatureCheckService } from './feature-check.service.js';
import { FreshnessReader } from './freshness.js';
import type { TrainingSetJobArgument } from './make-training-set.job.js';
import { type Materialization, materializationName } from './materialization.js';
import { MaterializationService } from './materialization.service.js';
import type { MaterializeJobArgument } from './materialize.job.js';
import type { TrainingSetResult } from './offline/make-training-set.js';
import type { MaterializeResult } from './offline/materialize.js';
import { FileOnline } from './online/file-online.js';
import type { OnlineOptions } from './online/online.js';
import { MovedViews } from './online/moved-views.js';
import { OnlineService } from './online/online.service.js';
import { OnlineStore, type OnlineTables } from './online/online.store.js';
import { openRedisOnline } from './online/redis/open-redis-online.js';
import { latestVersion, readVersion, tableOf } from './source-table.js';
import { type TrainingSet, trainingSetName } from './training-set.js';
import { TrainingSetService } from './training-set.service.js';
import { ViewVersionStore } from './view-version.store.js';

const MINUTE = 60_000;
const JOB_MEMORY_MB = 4096;

/** What this service reads from the environment. */
export const featureStoreConfig = z.object({
  MILLRACE_FEATURES_MEMORY: z.string().regex(/^\d+(MB|GB)$/).default('1GB').describe('Memory for the tables of one training set or materialisation.'),
  MILLRACE_FEATURES_THREADS: z.coerce.number().int().min(1).max(64).default(2).describe('Threads of one training set or materialisation.'),
  MILLRACE_FEATURES_TIMEOUT_MINUTES: z.coerce.number().int().min(1).max(1440).default(60).describe('Longest time that one training set or materialisation may take.'),
});
export type FeatureStoreConfig = z.infer<typeof featureStoreConfig>;
export type FeatureStoreTables = DefinitionTables & OnlineTables;

@Module({})
export class FeatureStoreModule {
  /** Wires the service: the one place where its parts are made. */
  static async of({ store, objects, jobs, clock, config, log, client, redis, metrics }: ServiceContext<FeatureStoreConfig, FeatureStoreTables>): Promise<DynamicModule> {
    const limits = { memoryLimit: config.MILLRACE_FEATURES_MEMORY, threads: config.MILLRACE_FEATURES_THREADS };
    const ingestion = client(IngestionServiceDefinition);
    const changes = new Changes(store.signals);
    const schemaOf: OnlineOptions['schemaOf'] = async (view) => {
      // What it finds is kept for every later caller: the one who asked first may leave.
      const { schema } = tableOf(await detached(() => readVersion(ingestion, { name: latestVersion(view), reader: featureViewName.format(view) })));
      checkSource(view, schema);
      return schema;
    };
    const versions = new ViewVersionStore(store);
    const definitions = new DefinitionService(new DefinitionStore(store, 'entity'), new DefinitionStore(store, 'view'), new DefinitionStore(store, 'service'), versions, new EndpointUseStore(store), schemaOf, clock);
    const options: OnlineOptions = {
      schemaOf,
      onFault: (view, error) => log.error({ err: error, view }, 'online state could not be kept, or lacks rows that were pushed'),
    };
    const viewOf = (view: string) => definitions.getHoldingView(view, 'read');
    const online = new OnlineService(redis ? await openRedisOnline({ ...options, place: redis, store, objects, log, metrics, clock, viewOf }) : new FileOnline(new OnlineStore(store), options));
    const desk = { jobs, changes, memoryMb: JOB_MEMORY_MB, timeoutMs: config.MILLRACE_FEATURES_TIMEOUT_MINUTES * MINUTE, onFault: (name: string, error: unknown) => log.error({ err: error, job: name }, 'the end of a job could not be kept') };
    const keptSets = new JobStore<TrainingSet>(store, 'training_set');
    const setDesk = new JobDesk<TrainingSet, TrainingSetJobArgument, TrainingSetResult>({
      ...desk,
      store: keptSets,
      order: (set) => sets.order(set),
      entry: entryUrl(import.meta.url, './make-training-set.job.js'),
      onBegin: (name) => sets.begin(name),
      onResult: (name, result) => sets.complete(name, result),
      onError: (name, error) => sets.fail(name, error),
      onLog: ({ id, requestId }, part) => store.write(async (_, emit) => emit(encodeLogged(trainingSetName.format({ set: id }), { requestId, part }))),
    });
    const sets: TrainingSetService = new TrainingSetService(keptSets, definitions, setDesk, changes, objects, ingestion, limits, clock);
    const keptMaterializations = new JobStore<Materialization>(store, 'materialization', { lane: ({ view }) => view });
    const materializeDesk = new JobDesk<Materialization, MaterializeJobArgument, MaterializeResult>({
      ...desk,
      store: keptMaterializations,
      order: (job) => materializations.order(job),
      entry: entryUrl(import.meta.url, './materialize.job.js'),
      onBegin: (name) => materializations.begin(name),
      onResult: (name, result) => materializations.complete(name, result),
      onError: (name, error) => materializations.fail(name, error),
      onLog: ({ id, requestId }, part) => store.write(async (_, emit) => emit(encodeLogged(materializationName.format({ materialization: id }), { requestId, part }))),
    });
    const materializations: MaterializationService = new MaterializationService(keptMaterializations, definitions, online, materializeDesk, changes, objects, ingestion, limits, clock);
    const { timeoutMs } = desk;
    const movedViews = new MovedViews(store, definitions, keptMaterializations, online, { jobs, entry: entryUrl(import.meta.url, './materialize.job.js'), memoryMb: JOB_MEMORY_MB, timeoutMs, objects, log, argument: (job) => materializations.order(job).argument() });
    return {
      module: FeatureStoreModule,
      controllers: [FeatureStoreController],
      providers: [
        { provide: DefinitionService, useValue: definitions },
        { provide: TrainingSetService, useValue: sets },
        { provide: MaterializationService, useValue: materializations },
        { provide: OnlineService, useValue: online },
        { provide: FeatureCheckService, useValue: new FeatureCheckService(definitions, objects, ingestion, { jobs, entry: entryUrl(import.meta.url, './check-features.job.js'), memoryMb: JOB_MEMORY_MB, timeoutMs, limits }) },
        { provide: ExplanationService, useValue: new ExplanationService(definitions, objects, ingestion, new OnlineStore(store)) },
        { provide: FreshnessReader, useValue: new FreshnessReader(store, keptMaterializations, versions) },
        { provide: MovedViews, useValue: movedViews },
      ],
    };
  }
}
