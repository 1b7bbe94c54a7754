import { defineErrors } from '@millrace/core';

export const errors = defineErrors('registry.millrace', {
  EXPERIMENT_NOT_FOUND: { code: 'NOT_FOUND', message: 'Experiment {name} does not exist; create it first.' },
  RUN_NOT_FOUND: { code: 'NOT_FOUND', message: 'Run {name} does not exist; list the runs of its experiment to see which do.' },
  RUN_FINAL: { code: 'FAILED_PRECONDITION', message: 'Run {name} is {state} already; start another one.' },
  MODEL_NOT_FOUND: { code: 'NOT_FOUND', message: 'Model {name} does not exist; register a version first.' },
  MODEL_VERSION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Model version {name} does not exist; list the versions of the model to see which do.' },
  ALIAS_NOT_FOUND: { code: 'NOT_FOUND', message: 'Alias {name} does not exist; move it to a version to make it.' },
  ALIAS_OTHER_MODEL: { code: 'INVALID_ARGUMENT', message: 'Alias {name} cannot point at {version}: that is a version of another model.' },
  NOTHING_TO_ROLL_BACK: { code: 'FAILED_PRECONDITION', message: 'Alias {name} has pointed at one version only; there is nothing to go back to.' },
  CERTIFIED_ALREADY: { code: 'FAILED_PRECONDITION', message: 'Model version {name} has its certificate already; a version is immutable.' },
  CERTIFICATE_MISSING: { code: 'INVALID_ARGUMENT', message: 'There is no certificate to add to model version {name}; give one.' },
  ARTIFACT_MISSING: { code: 'INVALID_ARGUMENT', message: 'The version of {name} has no artefact; give artifact.digest.' },
  INVALID_RUN: { code: 'INVALID_ARGUMENT', message: 'The run is wrong at {place}: {why}.' },
  INVALID_FILTER: { code: 'INVALID_ARGUMENT', message: 'The filter is wrong at character {place}, at "{term}": {why}.' },
  INVALID_ORDER: { code: 'INVALID_ARGUMENT', message: 'order_by cannot be "{order}": {why}.' },
  COLUMN_INVALID: { code: 'INVALID_ARGUMENT', message: '"{column}" is no column; give one such as metrics.auc, params.depth or tags.owner.' },
  SKIP_INVALID: { code: 'INVALID_ARGUMENT', message: 'skip is {skip}; give how many runs are passed over, 0 for none.' },
  INVALID_CURVE: { code: 'INVALID_ARGUMENT', message: 'No curve can be drawn by {place}: {why}.' },
  POSITION_INVALID: { code: 'INVALID_ARGUMENT', message: '"{position}" is no position of a point; give that of the last point that was read, or none.' },
  CHANGED: { code: 'ABORTED', message: '{name} was changed meanwhile; read it again and repeat.' },
});
