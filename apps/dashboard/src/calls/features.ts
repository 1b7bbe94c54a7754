import { ListFeatureServicesResponse, ListFeatureViewsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { call } from '../client/rest.js';

/** What the page asks about features. Names are resource names, such as `models/late`. */
export const featureCalls = {
  featureViews: () => call('/v1/featureViews?pageSize=100', ListFeatureViewsResponse),
  featureServices: () => call('/v1/featureServices?pageSize=100', ListFeatureServicesResponse),
} as const;
