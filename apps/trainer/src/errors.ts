import { defineErrors } from '@millrace/core';

export const errors = defineErrors('trainer.millrace', {
  TRAINING_JOB_NOT_FOUND: { code: 'NOT_FOUND', message: 'Training job {name} does not exist; list jobs to see which do.' },
  EVALUATION_NOT_FOUND: { code: 'NOT_FOUND', message: 'Evaluation {name} does not exist; a job has one when it has SUCCEEDED.' },
  TRAINING_JOB_FINAL: { code: 'FAILED_PRECONDITION', message: 'Training job {name} is {state} already and cannot be cancelled.' },
  INVALID_SPEC: { code: 'INVALID_ARGUMENT', message: 'The training spec is wrong at {place}: {why}.' },
  INVALID_JSON: { code: 'INVALID_ARGUMENT', message: 'The training spec is wrong at {place}: it is no JSON: {why}.' },
  TRAINING_SET_NOT_READY: { code: 'FAILED_PRECONDITION', message: 'Training set {name} is {state}; wait until it has SUCCEEDED.' },
  TARGET_NOT_BINARY: { code: 'FAILED_PRECONDITION', message: 'The target "{column}" has {rows} rows that are neither 0 nor 1, such as {example}; make a label of it, for instance with greater_than.' },
  NO_ROWS: { code: 'FAILED_PRECONDITION', message: 'No row with a target lies in the {part} split from {from} to {to}; the rows reach from {first} to {last}.' },
  SPLIT_EMPTY: { code: 'FAILED_PRECONDITION', message: 'The split by {by} with the share {share} and the seed {seed} leaves no row with a target to the {part} side; there are too few groups or rows for such a share: take another one, or another seed.' },
  ONE_CLASS: { code: 'FAILED_PRECONDITION', message: 'All {rows} rows of the {part} split have the target {value}; a model needs both.' },
  ROWS_LEFT_OUT: { code: 'FAILED_PRECONDITION', message: 'No row of the {part} remains: its steps leave every one out; ask for fewer columns, or fill what is missing.' },
  OPPONENT_INPUT_MISSING: { code: 'FAILED_PRECONDITION', message: 'The champion {version} reads the column "{column}" ({type}), which the training set does not have; train on a set that has it, or leave the champion out.' },
});
