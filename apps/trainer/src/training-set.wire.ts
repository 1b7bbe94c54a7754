import type { TrainingSet } from '@millrace/contracts/millrace/features/v1/training_set';
import { ColumnOrigin_Known } from '@millrace/contracts/millrace/features/v1/training_set';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { errors } from './errors.js';
import { parseColumns } from './trainer.wire.js';
import type { TrainingSpec } from './training-spec.js';

/** The spec with the rows, the schema and the knowledge of its training set, which must have SUCCEEDED. */
export function withTrainingSet(spec: TrainingSpec, set: TrainingSet): TrainingSpec {
  const state = set.status?.state ?? JobState.UNSPECIFIED;
  if (state !== JobState.SUCCEEDED) throw errors.TRAINING_SET_NOT_READY({ name: set.name, state: state.replace('JOB_STATE_', '') });
  const late = set.origins.filter(({ known }) => known === ColumnOrigin_Known.AFTER_EVENT).map(({ column }) => column);
  return {
    ...spec,
    objects: set.objects.map(({ digest }) => digest),
    schema: parseColumns(set.schema),
    knownAfterEvent: [...new Set([...spec.knownAfterEvent, ...late])],
    eventTime: spec.eventTime === '' ? (set.spine?.eventTimeColumn ?? '') : spec.eventTime,
  };
}
