import { FeatureViewMaterialized, TrainingSetCreated } from '@millrace/contracts/millrace/features/v1/events';
import { EndpointChanged, LabelsReceived, PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import { DatasetVersionCreated, IngestionRunFailed } from '@millrace/contracts/millrace/ingestion/v1/events';
import { AlertRaised, DriftDetected, PerformanceDropped } from '@millrace/contracts/millrace/monitor/v1/events';
import { PipelineRunFinished, PipelineRunStarted } from '@millrace/contracts/millrace/pipelines/v1/events';
import { ModelAliasMoved, ModelVersionRegistered } from '@millrace/contracts/millrace/registry/v1/events';
import { EvaluationFinished, TrainingJobFinished } from '@millrace/contracts/millrace/trainer/v1/events';
import { defineEvent, type MessageCodec } from './event.js';

/** Every event of the product, by service: what those who send and those who read agree on. The key is the resource whose order matters. */
export const catalogue = {
  ingestion: {
    datasetVersionCreated: event('ingestion', 'DatasetVersionCreated', DatasetVersionCreated, ({ datasetVersion }) => parentOf(datasetVersion?.name)),
    ingestionRunFailed: event('ingestion', 'IngestionRunFailed', IngestionRunFailed, ({ ingestionRun }) => ingestionRun?.dataset ?? ''),
  },
  features: {
    featureViewMaterialized: event('features', 'FeatureViewMaterialized', FeatureViewMaterialized, ({ materialization }) => materialization?.name ?? ''),
    trainingSetCreated: event('features', 'TrainingSetCreated', TrainingSetCreated, ({ trainingSet }) => trainingSet?.name ?? ''),
  },
  trainer: {
    trainingJobFinished: event('trainer', 'TrainingJobFinished', TrainingJobFinished, ({ trainingJob }) => trainingJob?.name ?? ''),
    evaluationFinished: event('trainer', 'EvaluationFinished', EvaluationFinished, ({ evaluation }) => evaluation?.trainingJob ?? ''),
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

/** `models/m/versions/3` belongs to `models/m`. */
const parentOf = (name = ''): string => name.split('/').slice(0, 2).join('/');
