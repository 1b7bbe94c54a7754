import { GetPredictionResponse, ListEndpointsResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { call } from '../client/rest.js';

/** What the page asks about endpoints and predictions. Names are resource names, such as `models/late`. */
export const inferenceCalls = {
  endpoints: () => call('/v1/endpoints?pageSize=100', ListEndpointsResponse),
  prediction: (name: string) => call(`/v1/${name}`, GetPredictionResponse),
} as const;
