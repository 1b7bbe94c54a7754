import type { EventRecord } from '@millrace/core';
import { catalogue, decodeEvent, onEvent, toRecord } from '@millrace/events';
import type { PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import { currentTraceparent } from '@millrace/rpc';
import type { EventGroup } from '@millrace/service';
import { type Endpoint, endpointName } from './endpoint.js';
import type { EndpointService } from './endpoint.service.js';
import { toEndpoint, toRecordMessage } from './inference.wire.js';
import type { PredictionBatch } from './prediction-log.js';
import type { KeptLabel } from './prediction.store.js';

const SOURCE = '/millrace/inference';

export const encodeEndpointChanged = (endpoint: Endpoint, formerVersion: string): EventRecord =>
  toRecord(catalogue.inference.endpointChanged, SOURCE, { endpoint: toEndpoint(endpoint), formerVersion }, { traceparent: currentTraceparent() });

/** Predictions as the one record that they are logged and published in. */
export const encodePredictions = (batch: PredictionBatch): EventRecord =>
  toRecord(catalogue.inference.predictionsLogged, SOURCE, { endpoint: endpointName.format(batch), inputs: [...batch.inputs], records: batch.predictions.map((prediction) => toRecordMessage(prediction, batch)) });

export const decodePredictions = (record: EventRecord): PredictionsLogged => decodeEvent(catalogue.inference.predictionsLogged, record);

export const encodeLabels = (endpoint: string, labels: readonly KeptLabel[]): EventRecord =>
  toRecord(catalogue.inference.labelsReceived, SOURCE, { endpoint: endpointName.format({ endpoint }), labels: labels.map((label) => ({ ...label })) }, { traceparent: currentTraceparent() });

/** What this service reads: aliases that move. What an alias points at is asked anew, so an old event that comes again changes nothing. */
export const subscriptions = (endpoints: EndpointService): readonly EventGroup[] => [
  { group: 'inference-aliases', routes: [onEvent(catalogue.registry.modelAliasMoved, async ({ alias }) => endpoints.follow(alias?.name ?? ''))] },
];
