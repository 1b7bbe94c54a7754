import type { EventRecord } from '@millrace/core';
import { catalogue, onEvent, toRecord } from '@millrace/events';
import type { LogPart } from '@millrace/jobs';
import { currentTraceparent } from '@millrace/rpc';
import { type EventGroup, toJobLog } from '@millrace/service';
import type { DefinitionService } from './definition.service.js';
import { featureServiceName } from './feature-service.js';
import { toMaterialization, toTrainingSet } from './features.wire.js';
import type { Materialization } from './materialization.js';
import type { ColumnOrigin, TrainingSet } from './training-set.js';

const SOURCE = '/millrace/feature-store';

const attributes = () => {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? {} : { traceparent };
};

/** What goes into the outbox when a training set can be read. */
export const encodeTrainingSet = (set: TrainingSet, origins: readonly ColumnOrigin[]): readonly EventRecord[] => [toRecord(catalogue.features.trainingSetCreated, SOURCE, { trainingSet: toTrainingSet(set, origins) }, attributes())];

/** What goes into the outbox when a view has been filled. */
export const encodeMaterialization = (job: Materialization): readonly EventRecord[] => [toRecord(catalogue.features.featureViewMaterialized, SOURCE, { materialization: toMaterialization(job) }, attributes())];

/** What goes into the outbox when a job has said something. */
export const encodeLogged = (name: string, { requestId, part }: { readonly requestId: string; readonly part: LogPart }): EventRecord => toRecord(catalogue.features.featureJobLogged, SOURCE, { log: toJobLog(name, { requestId, part }) }, attributes());

/** What this service reads: which endpoints serve with which feature services. */
export const subscriptions = (definitions: DefinitionService): readonly EventGroup[] => [
  {
    group: 'feature-store-endpoints',
    routes: [
      onEvent(catalogue.inference.endpointChanged, async ({ endpoint }, { id }) => {
        if (endpoint === undefined) return;
        const { name, featureService, etag, deleteTime } = endpoint;
        await definitions.hearEndpoint(id, { endpoint: name, service: featureService === '' || deleteTime !== undefined ? '' : featureServiceName.parse(featureService).service, revision: BigInt(etag) });
      }),
    ],
  },
];
