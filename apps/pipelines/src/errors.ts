import { defineErrors } from '@millrace/core';

export const errors = defineErrors('pipelines.millrace', {
  PIPELINE_NOT_FOUND: { code: 'NOT_FOUND', message: 'Pipeline {name} does not exist; apply its file first.' },
  PIPELINE_VERSION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Pipeline version {name} does not exist; list the versions to see which do.' },
  PIPELINE_RUN_NOT_FOUND: { code: 'NOT_FOUND', message: 'Pipeline run {name} does not exist; list runs to see which do.' },
  PIPELINE_RUN_FINAL: { code: 'FAILED_PRECONDITION', message: 'Pipeline run {name} is {state} already and cannot be cancelled.' },
  STEP_NOT_FOUND: { code: 'NOT_FOUND', message: 'Run {run} has no step "{step}"; it has: {steps}.' },
  POSITION_INVALID: { code: 'INVALID_ARGUMENT', message: '"{position}" is no position of a line; give that of the last line that was read, or none.' },
  PIPELINE_DELETED: { code: 'FAILED_PRECONDITION', message: 'Pipeline {name} was deleted at {time}; apply its file to bring it back.' },
  PIPELINE_RUNNING: { code: 'FAILED_PRECONDITION', message: 'Pipeline {name} has runs that have not ended: {runs}; wait for them, or delete it with force, which cancels them.' },
  PIPELINE_CHANGED: { code: 'ABORTED', message: 'Pipeline {name} was changed meanwhile; read it again and repeat.' },
  FILE_UNREADABLE: { code: 'INVALID_ARGUMENT', message: 'The pipeline file is no YAML: line {line}, column {column}: {why}' },
  FILE_INVALID: { code: 'INVALID_ARGUMENT', message: 'The pipeline file is wrong in {places}:\n{faults}' },
  FILE_TOO_LARGE: { code: 'INVALID_ARGUMENT', message: 'The pipeline file has {bytes} bytes; at most {limit} are read.' },
  VIEW_LEAKS_FUTURE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: "{column}" is known only after the event, and the view takes it as known at once; say under feature_views.{view}.knowledge_time when it becomes known ("delay: 0s" says that it is known at once).',
  },
  VIEW_SEES_OWN_ROW: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: the latest "{column}" that is known at the event is that of the very row that is predicted; give feature_views.{view}.knowledge_time a delay, or take a window, which ends before the event.',
  },
  KEY_LEAKS_FUTURE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: features are looked up by "{column}", which is known only after the event; look them up by a column that is known when a prediction is asked for.',
  },
  REQUEST_LEAKS_FUTURE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: "{column}" is known only after the event, and a request cannot bring it; take it out of on_demand_views.{view}, or read it through a feature view with a knowledge_time.',
  },
  SPLIT_LEAKS_TARGET: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: rows are told apart by "{column}", which is known only after the event, so that what happened decides who is judged; split by time, at random, or by a column that is known before.',
  },
  COLUMNS_UNKNOWN: { code: 'FAILED_PRECONDITION', message: 'The contract of the source "{source}" leaves its columns to the data, so that nobody can say what flows through the plan; list them under sources.{source}.contract.columns.' },
  RUNG_UNKNOWN: { code: 'NOT_FOUND', message: 'The ladder has no rung "{rung}"; it has: {rungs}.' },
  ROLLUP_LEAKS_FUTURE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: a row of the rollup "{source}" is taken as known before its window has ended; set event_time to until, or say under knowledge_time of the view when it becomes known.',
  },
  JOB_FAILED: { code: 'FAILED_PRECONDITION', message: '{name} ended as {state}: {why}' },
  NO_DATA: { code: 'FAILED_PRECONDITION', message: 'Dataset {dataset} has no version yet; ingest data, or give the source a path.' },
  PARITY_BROKEN: { code: 'FAILED_PRECONDITION', message: '{version} is not deployed: of {rows} held-out rows only {equal} got the same bits by serving as in batch; the largest difference is {difference}.' },
  LINEAGE_UNKNOWN: { code: 'INVALID_ARGUMENT', message: '"{name}" is no resource with a lineage; give a prediction, a model version, a training job, a training set, a dataset version or a pipeline run.' },
});
