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

/** Deletes an endpoint as it was when somebody decided so: what it predicted stays. */
export const deleteEndpoint = ({ name, etag }: Endpoint): Deed => ({ path: `/v1/${name}?etag=${encodeURIComponent(etag)}`, method: 'DELETE', once: true });

/** So many inputs are told that moved a score. */
const CONTRIBUTIONS = 8;

/** What is asked of an endpoint about one row. */
interface Question {
  /** When it happens; without it, it is about now, or about what the row says. */
  readonly eventTime: Date | undefined;
  /** Whether to say which inputs moved the score; a version that was registered without a reference cannot. */
  readonly why: boolean;
}

/** Asks an endpoint about one row, and for the inputs as the model saw them. */
export const predictDeed = (endpoint: string, row: Row, { eventTime, why }: Question): Deed => ({
  path: `/v1/${endpoint}:predictRows`,
  body: { rows: [Row.toJSON(row)], explainInputs: true, contributions: why ? CONTRIBUTIONS : 0, ...(eventTime === undefined ? {} : { eventTimes: [eventTime.toISOString()] }) },
});
