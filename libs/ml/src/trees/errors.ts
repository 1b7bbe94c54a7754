import { defineErrors } from '@millrace/core';

export const TREES_DOMAIN = 'trees.ml.millrace';

/** Every error of growing, keeping and serving trees. */
export const errors = defineErrors(TREES_DOMAIN, {
  TREES_PARAM: { code: 'INVALID_ARGUMENT', message: 'The parameter "{name}" of boosted trees is {value}; it must be {rule}.' },
  TREES_SHAPE: { code: 'INVALID_ARGUMENT', message: 'The {name} of the training rows has length {length}; it must be {expected}.' },
  TREES_TARGET: { code: 'INVALID_ARGUMENT', message: 'The target of row {row} is {value}; a binary target is 0 or 1.' },
  TREES_MEMORY: { code: 'RESOURCE_EXHAUSTED', message: '{rows} rows of {features} features need {needed} MiB to train; at most {limit} MiB can be had. Sample the rows, or lower "leaves" or "bins".' },
  TREES_BYTES: { code: 'INVALID_ARGUMENT', message: 'These bytes are not a model of boosted trees ({fact}); fetch the artefact again or train anew.' },
  TREES_WORKER: { code: 'INTERNAL', message: 'Training thread {thread} ended early; the training can be run again, with fewer threads if memory is short.' },
});
