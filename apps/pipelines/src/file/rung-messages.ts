import type { Rung } from '@millrace/contracts/millrace/trainer/v1/training_job';
import { canonicalJson } from '@millrace/core';
import type { PipelineFile } from './pipeline-file.js';

/** The ladder of a file as the trainer takes it. */
export const rungMessages = ({ ladder }: PipelineFile): Rung[] => ladder.map(({ name, estimator, params, steps }) => ({ name, estimator, paramsJson: canonicalJson(params), stepsJson: canonicalJson(steps) }));
