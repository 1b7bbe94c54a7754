import { IngestionServiceDefinition, type CreateDatasetRequest } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { type CreateModelRequest, type GetModelRequest, RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { defineErrors } from '@millrace/core';
import { catalogue, onEvent, toRecord } from '@millrace/events';
import { type Call, type Client, currentTraceparent, type Definition } from '@millrace/rpc';
import { columnTypes, type Migrations } from '@millrace/store';
import { Inject } from '@nestjs/common';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type AnyService, defineService, GrpcController, type ServiceContext } from './index.js';

/** What happens in the fixture services, in order, and what holds it up. */
export class Journal {
  readonly lines: string[] = [];
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  /** Waits until the gate of that name is opened. */
  pass(name: string): Promise<void> {
    return this.#gate(name).promise;
  }

  open(name: string): void {
    this.#gate(name).resolve();
  }

  #gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }
}

const CONTEXT = Symbol('context');
const INGESTION = Symbol('ingestion');

const errors = defineErrors('fixture.millrace', {
  MODEL_NOT_FOUND: { code: 'NOT_FOUND', message: 'Model {name} does not exist.' },
  LEFT_OUT: { code: 'FAILED_PRECONDITION', message: 'The fixture leaves {method} out.' },
});

interface ArrivalTables {
  arrival: { dataset: string };
}

const migrations: Migrations = {
  '0001_arrival': async (db) => {
    await db.schema.createTable('arrival').addColumn('dataset', columnTypes.text, (column) => column.notNull()).execute();
  },
};

const arrivals = (store: ServiceContext<unknown, ArrivalTables>['store']): Kysely<ArrivalTables> => store.db;

/** A small registry: every call that the specs make, and an event that it reads. */
@GrpcController(RegistryServiceDefinition)
class RegistryDesk {
  constructor(
    @Inject(Journal) private readonly journal: Journal,
    @Inject(CONTEXT) private readonly context: ServiceContext<unknown, ArrivalTables>,
    @Inject(INGESTION) private readonly ingestion: Client<typeof IngestionServiceDefinition>,
  ) {}

  async getModel({ name }: GetModelRequest, { signal }: Call) {
    this.journal.lines.push(`asked for ${name}`);
    if (name === 'models/slow') await this.journal.pass('slow');
    if (name === 'models/bug') throw new TypeError('x is not a function');
    if (name === 'models/none') throw errors.MODEL_NOT_FOUND({ name });
    this.context.log.info({ model: name, token: 'hunter2' }, 'a model was read');
    const description = name === 'models/nested' ? (await this.ingestion.getDataset({ name: 'datasets/flights' }, { signal })).name : '';
    return { name, description, latestVersion: '', createTime: undefined, etag: '' };
  }

  async createModel({ model }: CreateModelRequest) {
    return { name: model?.name ?? '', description: model?.description ?? '', latestVersion: '', createTime: undefined, etag: '1' };
  }

  /** How many data sets have arrived by event. */
  async listModels() {
    const rows = await arrivals(this.context.store).selectFrom('arrival').select('dataset').execute();
    return { models: rows.map(({ dataset }) => ({ name: dataset, description: '', latestVersion: '', createTime: undefined, etag: '' })), nextPageToken: '' };
  }
}

@GrpcController(IngestionServiceDefinition)
class IngestionDesk {
  constructor(@Inject(CONTEXT) private readonly context: ServiceContext<unknown, object>) {}

  async getDataset({ name }: { name: string }) {
    return { name, description: '', latestVersion: '', createTime: undefined, etag: '' };
  }

  async createDataset({ dataset }: CreateDatasetRequest) {
    const name = dataset?.name ?? '';
    const datasetVersion = DatasetVersion.fromPartial({ name: `${name}/versions/1` });
    await this.context.store.write(async (_, emit) => emit(toRecord(catalogue.ingestion.datasetVersionCreated, '/fixture', { datasetVersion }, { traceparent: currentTraceparent() })));
    return { name, description: '', latestVersion: '', createTime: undefined, etag: '1' };
  }
}

/** The chassis asks for every method of a contract; the fixture has few. */
function leaveOut(controller: { readonly prototype: object }, { methods }: Definition): void {
  for (const method of Object.keys(methods)) {
    if (!(method in controller.prototype)) Object.defineProperty(controller.prototype, method, { value: () => Promise.reject(errors.LEFT_OUT({ method })) });
  }
}
leaveOut(RegistryDesk, RegistryServiceDefinition);
leaveOut(IngestionDesk, IngestionServiceDefinition);

const config = z.object({ DESK_SEATS: z.coerce.number().int().min(1).default(3), DESK_COLOUR: z.enum(['green', 'blue']).default('green') });

/** A registry that starts once the gate `start` is open, or fails when it is told to. */
export const registryDesk = (journal: Journal, { gated = false, failing = false, forgetful = false } = {}): AnyService =>
  defineService<typeof config, ArrivalTables>({
    name: 'registry',
    config,
    serves: [RegistryServiceDefinition],
    migrations,
    module: (context) => ({
      module: class RegistryDeskModule {},
      controllers: forgetful ? [] : [RegistryDesk],
      providers: [
        { provide: Journal, useValue: journal },
        { provide: CONTEXT, useValue: context },
        { provide: INGESTION, useValue: context.client(IngestionServiceDefinition) },
      ],
    }),
    routes: (http) => {
      http.get('/slow', async () => {
        journal.lines.push('asked for /slow');
        await journal.pass('slow');
        return { seats: 3 };
      });
      http.get('/none', async () => Promise.reject(errors.MODEL_NOT_FOUND({ name: 'models/none' })));
      http.get('/bug', async () => Promise.reject(new TypeError('x is not a function')));
    },
    subscriptions: (_, { store }) => [
      {
        group: 'desk-arrivals',
        routes: [
          onEvent(catalogue.ingestion.datasetVersionCreated, async ({ datasetVersion }, { id, traceparent = '' }) => {
            const [, dataset = ''] = datasetVersion?.name.split('/') ?? [];
            if (dataset === 'held') await journal.pass('held');
            await store.once('desk-arrivals', id, async (tx) => void (await tx.insertInto('arrival').values({ dataset }).execute()));
            journal.lines.push(`heard of ${dataset} ${traceparent.slice(3, 35)} ${(currentTraceparent() ?? '').slice(3, 35)}`);
          }),
        ],
      },
    ],
    start: async (_, { config: { DESK_SEATS }, store }) => {
      journal.lines.push(`registry starts with ${DESK_SEATS} seats`);
      if (gated) await journal.pass('start');
      if (failing) throw new TypeError('the desk has no legs');
      await arrivals(store).selectFrom('arrival').selectAll().execute();
    },
    stop: async (_, { store }) => {
      const rows = await arrivals(store).selectFrom('arrival').selectAll().execute();
      journal.lines.push(`registry stops with ${rows.length} arrivals`);
    },
  });

/** An ingestion that knows data sets by name and announces new ones. */
export const ingestionDesk = (journal: Journal): AnyService =>
  defineService<z.ZodObject, object>({
    name: 'ingestion',
    config: z.object({ DESK_LAMPS: z.coerce.number().int().min(0).default(1) }),
    serves: [IngestionServiceDefinition],
    migrations: {},
    module: (context) => ({ module: class IngestionDeskModule {}, controllers: [IngestionDesk], providers: [{ provide: CONTEXT, useValue: context }] }),
    stop: async () => void journal.lines.push('ingestion stops'),
  });
