import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { defineService } from '@millrace/service';
import { archive } from './archive.js';
import { DefinitionService } from './definition.service.js';
import { featureStoreConfig, FeatureStoreModule } from './feature-store.module.js';
import { subscriptions } from './features.events.js';
import { MaterializationService } from './materialization.service.js';
import { migrations } from './migrations.js';
import { MovedViews } from './online/moved-views.js';
import { OnlineService } from './online/online.service.js';
import { TrainingSetService } from './training-set.service.js';

/** Entities, feature views, point-in-time training sets, online features. */
export const featureStoreService = defineService({
  name: 'feature-store',
  config: featureStoreConfig,
  serves: [FeatureStoreServiceDefinition],
  migrations,
  archive,
  module: (context) => FeatureStoreModule.of(context),
  subscriptions: (app) => subscriptions(app.get(DefinitionService)),
  fault: (app) => app.get(OnlineService).fault(),
  chores: (app) => [{ name: 'collect online values', run: () => app.get(OnlineService).collect() }],
  start: async (app) => {
    await app.get(TrainingSetService).resume();
    await app.get(MaterializationService).resume();
    await app.get(MovedViews).fill();
  },
  imported: (app) => app.get(MovedViews).fill(),
  stop: async (app) => {
    await app.get(MovedViews).close();
    await app.get(MaterializationService).close();
    await app.get(TrainingSetService).close();
    await app.get(OnlineService).close();
  },
});
