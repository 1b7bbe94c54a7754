import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { Client } from '@millrace/rpc';
import type { Session } from '../session.js';
import { shortName } from './names.js';

/** Collections whose names people write on command lines; what is traceable is of several, and is called by its whole name. */
export const COLLECTIONS = ['datasets', 'models', 'endpoints', 'monitors', 'pipelines', 'featureViews', 'featureServices', 'entities', 'pipelineRuns', 'alerts', 'traceable'] as const;
export type Collection = (typeof COLLECTIONS)[number];

/** As many as a person would look through. */
const MOST = 200;

/** What people call the resources of a collection. */
export async function listNames(session: Session, collection: Collection): Promise<readonly string[]> {
  const part = { pageSize: MOST };
  const { call } = session;
  switch (collection) {
    case 'datasets':
      return short((await (await session.connect(IngestionServiceDefinition)).listDatasets(part, call)).datasets);
    case 'models':
      return short((await (await session.connect(RegistryServiceDefinition)).listModels(part, call)).models);
    case 'endpoints':
      return short((await (await session.connect(InferenceServiceDefinition)).listEndpoints(part, call)).endpoints);
    case 'monitors':
    case 'alerts': {
      const monitor = await session.connect(MonitorServiceDefinition);
      return short(collection === 'monitors' ? (await monitor.listMonitors(part, call)).monitors : (await monitor.listAlerts(part, call)).alerts);
    }
    case 'pipelines':
    case 'pipelineRuns': {
      const pipelines = await session.connect(PipelinesServiceDefinition);
      return short(collection === 'pipelines' ? (await pipelines.listPipelines(part, call)).pipelines : (await pipelines.listPipelineRuns(part, call)).pipelineRuns);
    }
    case 'featureViews':
    case 'featureServices':
    case 'entities': {
      const features = await session.connect(FeatureStoreServiceDefinition);
      if (collection === 'featureViews') return short((await features.listFeatureViews(part, call)).featureViews);
      return short(collection === 'entities' ? (await features.listEntities(part, call)).entities : (await features.listFeatureServices(part, call)).featureServices);
    }
    case 'traceable':
      return traceable(session);
  }
}

/** What has a lineage and is likely to be asked for: what each alias points at, the newest versions, endpoints, features and runs. */
async function traceable(session: Session): Promise<readonly string[]> {
  const part = { pageSize: MOST };
  const { call } = session;
  const [registry, ingestion, inference, features, pipelines] = await Promise.all([session.connect(RegistryServiceDefinition), session.connect(IngestionServiceDefinition), session.connect(InferenceServiceDefinition), session.connect(FeatureStoreServiceDefinition), session.connect(PipelinesServiceDefinition)]);
  const found = await Promise.all([
    ofModels(registry, call),
    ingestion.listDatasets(part, call).then(({ datasets }) => datasets.map(({ latestVersion }) => latestVersion)),
    inference.listEndpoints(part, call).then(({ endpoints }) => endpoints.map(({ name }) => name)),
    features.listFeatureServices(part, call).then(({ featureServices }) => featureServices.map(({ name }) => name)),
    features.listFeatureViews(part, call).then(({ featureViews }) => featureViews.map(({ name }) => name)),
    pipelines.listPipelineRuns(part, call).then(({ pipelineRuns }) => pipelineRuns.map(({ name }) => name)),
  ]);
  return found.flat().filter((name) => name !== '');
}

async function ofModels(registry: Client<typeof RegistryServiceDefinition>, call: Session['call']): Promise<readonly string[]> {
  const { models } = await registry.listModels({ pageSize: MOST }, call);
  const aliases = await Promise.all(models.map(({ name }) => registry.listAliases({ parent: name, pageSize: MOST }, call)));
  return models.flatMap(({ latestVersion }, i) => [...(aliases[i]?.aliases ?? []).map(({ name }) => name), latestVersion]);
}

const short = (resources: readonly { readonly name: string }[]): readonly string[] => resources.map(({ name }) => shortName(name));
