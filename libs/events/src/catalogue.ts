import { FeatureJobLogged, FeatureViewMaterialized, TrainingSetCreated } from '@millrace/contracts/millrace/features/v1/events';
import { EndpointChanged, LabelsReceived, PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import { DatasetVersionCreated, IngestionRunFailed, IngestionRunLogged } from '@millrace/contracts/millrace/ingestion/v1/events';
import { AlertRaised, DriftDetected, PerformanceDropped } from '@millrace/contracts/millrace/monitor/v1/events';
import { PipelineRunFinished, PipelineRunStarted } from '@millrace/contracts/millrace/pipelines/v1/events';
import { ModelAliasMoved, ModelVersionRegistered } from '@millrace/contracts/millrace/registry/v1/events';
import { EvaluationFinished, TrainingJobFinished, TrainingJobLogged } from '@millrace/contracts/millrace/trainer/v1/events';
import type { EventRecord } from '@millrace/core';
import { errors } from './errors.js';
import { decodeEvent, defineEvent, type EventType, type MessageCodec } from './event.js';

/** Every event of the product, by service: what those who send and those who read agree on. The key is the resource whose order matters. */
export const catalogue = {
  ingestion: {
    datasetVersionCreated: event('ingestion', 'DatasetVersionCreated', DatasetVersionCreated, ({ datasetVersion }) => parentOf(datasetVersion?.name)),
    ingestionRunFailed: event('ingestion', 'IngestionRunFailed', IngestionRunFailed, ({ ingestionRun }) => ingestionRun?.dataset ?? ''),
    ingestionRunLogged: event('ingestion', 'IngestionRunLogged', IngestionRunLogged, ({ log }) => log?.job ?? ''),
  },
  features: {
    featureViewMaterialized: event('features', 'FeatureViewMaterialized', FeatureViewMaterialized, ({ materialization }) => materialization?.name ?? ''),
    trainingSetCreated: event('features', 'TrainingSetCreated', TrainingSetCreated, ({ trainingSet }) => trainingSet?.name ?? ''),
    featureJobLogged: event('features', 'FeatureJobLogged', FeatureJobLogged, ({ log }) => log?.job ?? ''),
  },
  trainer: {
    trainingJobFinished: event('trainer', 'TrainingJobFinished', TrainingJobFinished, ({ trainingJob }) => trainingJob?.name ?? ''),
    evaluationFinished: event('trainer', 'EvaluationFinished', EvaluationFinished, ({ evaluation }) => evaluation?.trainingJob ?? ''),
    trainingJobLogged: event('trainer', 'TrainingJobLogged', TrainingJobLogged, ({ log }) => log?.job ?? ''),
  },
  registry: {
    modelVersionRegistered: event('registry', 'ModelVersionRegistered', ModelVersionRegistered, ({ modelVersion }) => parentOf(modelVersion?.name)),
    modelAliasMoved: event('registry', 'ModelAliasMoved', ModelAliasMoved, ({ alias }) => parentOf(alias?.name)),
  },
  inference: {
    predictionsLogged: event('inference', 'PredictionsLogged', PredictionsLogged, ({ endpoint }) => endpoint),
    labelsReceived: event('inference', 'LabelsReceived', LabelsReceived, ({ endpoint }) => endpoint),
    endpointChanged: event('inference', 'EndpointChanged', EndpointChanged, ({ endpoint }) => endpoint?.name ?? ''),
  },
  monitor: {
    driftDetected: event('monitor', 'DriftDetected', DriftDetected, ({ endpoint }) => endpoint),
    performanceDropped: event('monitor', 'PerformanceDropped', PerformanceDropped, ({ endpoint }) => endpoint),
    alertRaised: event('monitor', 'AlertRaised', AlertRaised, ({ alert }) => alert?.name ?? ''),
  },
  pipelines: {
    pipelineRunStarted: event('pipelines', 'PipelineRunStarted', PipelineRunStarted, ({ pipelineRun }) => pipelineRun?.name ?? ''),
    pipelineRunFinished: event('pipelines', 'PipelineRunFinished', PipelineRunFinished, ({ pipelineRun }) => pipelineRun?.name ?? ''),
  },
} as const;

function event<T>(service: string, message: string, codec: MessageCodec<T>, key: (payload: T) => string) {
  return defineEvent(`millrace.${service}.v1.${message}`, `millrace.${service}.v1`, codec, key);
}

/** The payload of a record of any kind in the catalogue, in the JSON form of protobuf; throws EVENT_UNREADABLE. */
export function payloadJson(record: EventRecord): unknown {
  const { ce_type: type = '(none)', ce_id: id = '(none)' } = record.headers;
  const kind = BY_TYPE.get(type);
  if (!kind) throw errors.EVENT_UNREADABLE({ id, topic: record.topic, type, detail: 'this release does not know the type' });
  return kind.message.toJSON(decodeEvent(kind, record));
}

/** Which payload belongs to which kind is known by its type alone. */
const BY_TYPE: ReadonlyMap<string, EventType<unknown>> = new Map(Object.values(catalogue).flatMap((events) => Object.values(events).map((kind) => [kind.type, kind as EventType<unknown>] as const)));

/** `models/m/versions/3` belongs to `models/m`. */
const parentOf = (name = ''): string => name.split('/').slice(0, 2).join('/');
