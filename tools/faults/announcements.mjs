import { catalogue, decodeEvent } from '@millrace/events';

const name = (field) => (message) => [message[field]?.name ?? ''];
const idsOf = (field, id) => (message) => message[field].map((each) => each[id]);

/** What each kind of event tells of: one key for each thing that changed. */
const ABOUT = {
  DatasetVersionCreated: name('datasetVersion'),
  IngestionRunFailed: name('ingestionRun'),
  FeatureViewMaterialized: name('materialization'),
  TrainingSetCreated: name('trainingSet'),
  TrainingJobFinished: name('trainingJob'),
  EvaluationFinished: name('evaluation'),
  ModelVersionRegistered: name('modelVersion'),
  ModelAliasMoved: ({ alias, move }) => [`${alias?.name} to ${move?.to} at ${move?.time?.toISOString()}`],
  PredictionsLogged: idsOf('records', 'id'),
  LabelsReceived: idsOf('labels', 'predictionId'),
  EndpointChanged: ({ endpoint }) => [`${endpoint?.name} revision ${endpoint?.etag}`],
  DriftDetected: name('report'),
  PerformanceDropped: name('report'),
  AlertRaised: name('alert'),
  PipelineRunStarted: name('pipelineRun'),
  PipelineRunFinished: name('pipelineRun'),
};

const EVENTS = new Map(Object.values(catalogue).flatMap((events) => Object.values(events).map((event) => [event.type, event])));

/** A record of the bus, an outbox or the spool as what it announces. */
export function toAnnouncement({ topic, key, headers, value }, where) {
  const read = JSON.parse(headers);
  const event = EVENTS.get(read.ce_type);
  const kind = read.ce_type?.split('.').at(-1) ?? 'nothing';
  const about = event && ABOUT[kind] ? ABOUT[kind](decodeEvent(event, { topic, key, headers: read, value })) : [];
  return { id: read.ce_id ?? '', kind, where, about };
}
