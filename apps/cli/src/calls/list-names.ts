import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { Session } from '../session.js';
import { shortName } from './names.js';

/** Collections whose names people write on command lines. */
export const COLLECTIONS = ['datasets', 'models', 'endpoints', 'monitors', 'pipelines', 'featureViews', 'featureServices', 'entities', 'pipelineRuns', 'alerts'] as const;
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
  }
}

const short = (resources: readonly { readonly name: string }[]): readonly string[] => resources.map(({ name }) => shortName(name));
