import { ExplainFeaturesResponse, GetOnlineFeaturesResponse, ListEntitiesResponse, ListFeatureServicesResponse, ListFeatureViewsResponse, ListFeatureViewVersionsResponse, ListMaterializationsResponse, ListSourceRowsResponse, ListTrainingSetsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { Row } from '@millrace/contracts/millrace/type/v1/value';
import { call, page, question, still, where } from '../client/rest.js';

/** A key as of a time; without one, now. */
export interface AskedKey {
  readonly service: string;
  readonly keys: Row;
  readonly time: Date | undefined;
}

const bodyOf = ({ keys, time }: AskedKey) => ({ keys: Row.toJSON(keys), ...(time ? { time: time.toISOString() } : {}) });

/** What the page asks about features. Names are resource names, such as `models/late`. */
export const featureCalls = {
  featureViews: () => call('/v1/featureViews?pageSize=100', ListFeatureViewsResponse),
  featureServices: () => call('/v1/featureServices?pageSize=100', ListFeatureServicesResponse),
  entities: () => call('/v1/entities?pageSize=100', ListEntitiesResponse),
  viewVersions: (view: string) => (token: string) => call(`/v1/${view}/versions?${page(token, 10)}`, ListFeatureViewVersionsResponse),
  materializations: (view: string) => call(`/v1/materializations?pageSize=30&${where(`feature_view=${view}`)}`, ListMaterializationsResponse),
  allMaterializations: () => call('/v1/materializations?pageSize=100', ListMaterializationsResponse),
  trainingSets: () => call('/v1/trainingSets?pageSize=100', ListTrainingSetsResponse),
  vector: ({ service, keys, time }: AskedKey) => question(`/v1/${service}:getOnlineFeatures`, { keys: [Row.toJSON(keys)], ...(time ? { time: time.toISOString() } : {}) }, GetOnlineFeaturesResponse),
  /** What it was made of changes only with what is ingested: it is asked for once. */
  explanation: (asked: AskedKey) => still(question(`/v1/${asked.service}:explainFeatures`, bodyOf(asked), ExplainFeaturesResponse)),
  sourceRows: (asked: AskedKey, feature: string) => (token: string) => still(question(`/v1/${asked.service}:listSourceRows`, { ...bodyOf(asked), feature, pageSize: 25, pageToken: token }, ListSourceRowsResponse)),
} as const;
