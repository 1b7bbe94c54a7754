import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureStoreServiceDefinition, FeatureVector_Status, type GetOnlineFeaturesRequest, type GetOnlineFeaturesResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { ModelAliasMoved } from '@millrace/contracts/millrace/registry/v1/events';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { type GetModelVersionRequest, RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { AppError } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { openObjects } from '@millrace/objects';
import { connect, type Definition } from '@millrace/rpc';
import { type AnyService, defineService, GrpcController, runServices } from '@millrace/service';
import { defineMigrations } from '@millrace/store';
import { z } from 'zod';
import { inferenceService } from './index.js';

export const ALIAS = 'models/late/aliases/champion';

/** What the services around this one would say. */
export interface World {
  /** Model versions by their own names and by those of aliases. */
  readonly versions: Map<string, ModelVersion>;
  /** Answers reads of online features; set it to what a spec needs. */
  features: (request: GetOnlineFeaturesRequest) => Promise<GetOnlineFeaturesResponse>;
}

/** Stands in for the one call of each other service that this service makes. */
function standIns(world: World): readonly AnyService[] {
  @GrpcController(RegistryServiceDefinition)
  class Registry {
    constructor() {
      refuseOthers(this, RegistryServiceDefinition);
    }

    async getModelVersion({ name }: GetModelVersionRequest): Promise<ModelVersion> {
      const found = world.versions.get(name);
      if (!found) throw new AppError('NOT_FOUND', 'registry.millrace', 'MODEL_VERSION_NOT_FOUND', `${name} does not exist.`);
      return found;
    }
  }

  @GrpcController(FeatureStoreServiceDefinition)
  class Features {
    constructor() {
      refuseOthers(this, FeatureStoreServiceDefinition);
    }

    getOnlineFeatures(request: GetOnlineFeaturesRequest): Promise<GetOnlineFeaturesResponse> {
      return world.features(request);
    }
  }
  const common = { config: z.object({}), migrations: defineMigrations({}) };
  return [
    defineService({ ...common, name: 'registry', serves: [RegistryServiceDefinition], module: () => ({ module: Registry, controllers: [Registry] }) }),
    defineService({ ...common, name: 'feature-store', serves: [FeatureStoreServiceDefinition], module: () => ({ module: Features, controllers: [Features] }) }),
  ];
}

function refuseOthers(controller: object, { methods, fullName }: Definition): void {
  const refuse = async (): Promise<never> => {
    throw new AppError('UNAVAILABLE', 'test.millrace', 'NOT_SERVED', `This call of ${fullName} is not served here.`);
  };
  for (const method of Object.keys(methods)) if (!(method in controller)) Object.assign(controller, { [method]: refuse });
}

/** The service in a home of its own, over real gRPC and HTTP, with a world around it: its own, or that of another instance. */
export async function openHome(env: Readonly<Record<string, string>> = {}, world: World = { versions: new Map(), features: async () => ({ features: [], vectors: [] }) }) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-inference-'));
  const { MILLRACE_S3_BUCKET: bucket, MILLRACE_S3_ENDPOINT: endpoint = '' } = env;
  const start = async () => {
    const running = await runServices([inferenceService, ...standIns(world)], { env: { MILLRACE_DATA_DIR: dir, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', LOG_LEVEL: 'silent', ...env } });
    return { running, client: connect(InferenceServiceDefinition, running.grpcAddress) };
  };
  let now = await start();
  return {
    dir,
    world,
    objects: await openObjects(bucket === undefined ? { directory: join(dir, 'objects') } : { bucket: { bucket, endpoint, region: 'us-east-1', prefix: '' }, cacheDirectory: join(dir, 'cache') }),
    get running() {
      return now.running;
    },
    get client() {
      return now.client;
    },
    async stop(): Promise<void> {
      now.client.close();
      await now.running.close();
    },
    async start(): Promise<void> {
      now = await start();
    },
    async restart(): Promise<void> {
      await this.stop();
      now = await start();
    },
    /** Points the alias at an artefact, as the next version of the model. */
    pointAlias(artifact: string): string {
      const name = `models/late/versions/${world.versions.size + 1}`;
      const version = ModelVersion.fromPartial({ name, artifact: { digest: artifact } });
      world.versions.set(name, version).set(ALIAS, version);
      return name;
    },
    /** Tells of it, as the registry would. */
    async tellAlias(): Promise<void> {
      await now.running.bus.publish([toRecord(catalogue.registry.modelAliasMoved, '/test', ModelAliasMoved.fromPartial({ alias: { name: ALIAS } }))]);
    },
    async post(path: string, body: string | Uint8Array): Promise<{ readonly status: number; readonly body: unknown }> {
      const response = await fetch(`${now.running.httpAddress}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      return { status: response.status, body: await response.json() };
    },
    async close(): Promise<void> {
      await this.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
export type Home = Awaited<ReturnType<typeof openHome>>;

/** The event time of all that `answerFeatures` answers. */
export const NEWEST_ROW = new Date('2001-01-01T00:00:00Z');

/** Features of one service as the store would answer them: undefined is NOT_FOUND, 'EXPIRED' is that. */
export const answerFeatures = (names: readonly string[], rows: readonly (readonly (number | 'EXPIRED' | undefined)[])[]): GetOnlineFeaturesResponse => ({
  features: [...names],
  vectors: rows.map((cells) => ({
    values: cells.map((cell): Value => ({ kind: typeof cell === 'number' ? { $case: 'float64Value', value: cell } : undefined })),
    statuses: cells.map((cell) => (cell === undefined ? FeatureVector_Status.NOT_FOUND : cell === 'EXPIRED' ? FeatureVector_Status.EXPIRED : FeatureVector_Status.PRESENT)),
    eventTimes: [NEWEST_ROW],
    eventTimePlaces: cells.map((cell) => (cell === undefined ? 0 : 1)),
  })),
});
