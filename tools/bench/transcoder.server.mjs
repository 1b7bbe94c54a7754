import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { ListModelVersionsResponse, LogRunRequest, RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { gatewayService } from '@millrace/gateway';
import { defineService, runServices } from '@millrace/service';
import { standIn, standInService } from '@millrace/testing';
import { z } from 'zod';

/** A registry that answers at once, reached by the gateway and by routes that one writes for it by hand, with what the generated code has for JSON. */
const version = (number) =>
  ModelVersion.fromPartial({
    name: `models/late-flights/versions/${number}`,
    description: 'the trees of the week',
    artifact: { digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 123_456n, mediaType: 'application/zip' },
    createTime: new Date('2001-04-01T00:00:00Z'),
    etag: '1',
  });
const pageOf50 = { modelVersions: Array.from({ length: 50 }, (_, i) => version(i + 1)), nextPageToken: 'next' };
const run = Run.fromPartial({ name: 'experiments/late/runs/1', displayName: 'a run', params: { depth: '6' }, startTime: new Date('2001-04-01T00:00:00Z'), etag: '1' });

const registry = standIn(RegistryServiceDefinition, { getModelVersion: async () => version(1), listModelVersions: async () => pageOf50, logRun: async () => run });
const others = [IngestionServiceDefinition, FeatureStoreServiceDefinition, TrainerServiceDefinition, InferenceServiceDefinition, MonitorServiceDefinition, PipelinesServiceDefinition].map((definition) => standIn(definition, {}));

class ByHandModule {}
const byHand = defineService({
  name: 'by-hand',
  config: z.object({}),
  serves: [],
  migrations: {},
  module: () => ({ module: ByHandModule }),
  routes: (http, _, { client }) => {
    const models = client(RegistryServiceDefinition);
    http.get('/hand/models/:model/versions/:version', async ({ params }) => ModelVersion.toJSON(await models.getModelVersion({ name: `models/${params.model}/versions/${params.version}` })));
    http.get('/hand/models/:model/versions', async ({ params, query }) => ListModelVersionsResponse.toJSON(await models.listModelVersions({ parent: `models/${params.model}`, pageSize: Number(query.pageSize ?? 0), pageToken: query.pageToken ?? '' })));
    http.post('/hand/experiments/:experiment/runs/:run([^:/]+)::log', async ({ params, body }) => Run.toJSON(await models.logRun({ ...LogRunRequest.fromJSON(body), name: `experiments/${params.experiment}/runs/${params.run}` })));
  },
});

const running = await runServices([standInService([registry, ...others]), gatewayService, byHand], { env: process.env });
process.stderr.write(`${JSON.stringify({ bench: 'ready', http: running.httpAddress })}\n`);
process.once('SIGTERM', () => void running.close().finally(() => process.exit(0)));
