import { ListEntitiesResponse, ListFeatureViewsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { ListPredictionsResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { Row } from '@millrace/contracts/millrace/type/v1/value';
import { call, type Deed, page } from '../client/rest.js';

/** What the page asks about one endpoint and what it reads online. Names are resource names, such as `endpoints/late`. */
export const endpointCalls = {
  endpoint: (name: string) => call(`/v1/${name}`, Endpoint),
  predictions: (endpoint: string, token = '') => call(`/v1/${endpoint}/predictions?${page(token, 25)}`, ListPredictionsResponse),
  featureService: (name: string) => call(`/v1/${name}`, FeatureService),
  featureViews: () => call('/v1/featureViews?pageSize=200', ListFeatureViewsResponse),
  entities: () => call('/v1/entities?pageSize=200', ListEntitiesResponse),
} as const;

/** Asks an endpoint about one row, and for the inputs as the model saw them; without a time it is about now, or about what the row says. */
export const predictDeed = (endpoint: string, row: Row, eventTime: Date | undefined): Deed => ({
  path: `/v1/${endpoint}:predictRows`,
  body: { rows: [Row.toJSON(row)], explainInputs: true, ...(eventTime === undefined ? {} : { eventTimes: [eventTime.toISOString()] }) },
});
