import { Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { Home } from '../home/home.js';
import { TRIPS_VIEW } from './trips.js';

/** A view with an owner and a tag that has come to mean something else twice, and an entity with the same. */
export interface Catalogued {
  readonly view: string;
}

const DESCRIBED = { owner: 'harbour', tags: { domain: 'sea' } };

/** What the view is in its three versions. */
export const CATALOGUED_VIEW = { ...TRIPS_VIEW, ...DESCRIBED, name: 'featureViews/catalogued', description: 'Calls of a Port' };

export async function makeCatalogued({ features }: Home): Promise<Catalogued> {
  const entity = await features.getEntity({ name: 'entities/port' });
  await features.applyEntity({ entity: { ...entity, ...DESCRIBED, name: 'entities/harbour', etag: '' } });
  for (const hours of [1, 2, 3]) {
    const calls = { name: 'calls', aggregation: Feature_Aggregation.COUNT, window: { seconds: BigInt(hours * 3_600), nanos: 0 } };
    await features.applyFeatureView({ featureView: { ...CATALOGUED_VIEW, features: [calls] } });
  }
  return { view: CATALOGUED_VIEW.name };
}
