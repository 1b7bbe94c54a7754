import { BinaryReader } from '@bufbuild/protobuf/wire';
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

/** The first and the last id of logged predictions, without reading anything else of them; undefined where there is none. */
export function idRange({ value }: EventRecord): { readonly first: string; readonly last: string; readonly predictions: number } | undefined {
  const ids: string[] = [];
  const reader = new BinaryReader(value);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field !== RECORDS_OF_BATCH) reader.skip(type);
    else {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) {
        const [inner, kind] = reader.tag();
        if (inner === ID_OF_RECORD) ids.push(reader.string());
        else reader.skip(kind);
      }
    }
  }
  const [first, ...others] = ids.sort();
  return first === undefined ? undefined : { first, last: others.at(-1) ?? first, predictions: ids.length };
}

/** `records` of PredictionsLogged, and `id` of PredictionRecord. */
const RECORDS_OF_BATCH = 3;
const ID_OF_RECORD = 1;

export const encodeLabels = (endpoint: string, labels: readonly KeptLabel[]): EventRecord =>
  toRecord(catalogue.inference.labelsReceived, SOURCE, { endpoint: endpointName.format({ endpoint }), labels: labels.map((label) => ({ ...label })) }, { traceparent: currentTraceparent() });

/** What this service reads: aliases that move. What an alias points at is asked anew, so an old event that comes again changes nothing. */
export const subscriptions = (endpoints: EndpointService): readonly EventGroup[] => [
  { group: 'inference-aliases', routes: [onEvent(catalogue.registry.modelAliasMoved, async ({ alias }) => endpoints.follow(alias?.name ?? ''))] },
];
