import { defineErrors } from '@millrace/core';

export const PLAN_DOMAIN = 'plan.millrace';

/** Every error of plans. A place is written as `step "id" (kind)` or as a path such as `delay → clip "d" → features.delay`. */
export const errors = defineErrors(PLAN_DOMAIN, {
  PLAN_INVALID: { code: 'INVALID_ARGUMENT', message: 'The plan is not valid at {place}: {detail}.' },
  FORMULA_INVALID: { code: 'INVALID_ARGUMENT', message: 'at character {at} of the formula: {detail}' },
  KIND_UNKNOWN: { code: 'INVALID_ARGUMENT', message: '{place} is of the kind "{kind}", which does not exist; use one of {kinds}.' },
  STEP_REPEATED: { code: 'INVALID_ARGUMENT', message: 'Two steps of the plan have the id "{step}"; give each its own.' },
  COLUMN_UNKNOWN: { code: 'INVALID_ARGUMENT', message: '{place} reads the column "{column}", which neither the inputs nor an earlier step has; it may read {columns}.' },
  COLUMN_TYPE: { code: 'INVALID_ARGUMENT', message: '{place} cannot take the column "{column}" of type {type}; it takes {accepts}.' },
  COLUMN_COUNT: { code: 'INVALID_ARGUMENT', message: '{place} takes {expected} columns and was given {given}.' },
  OUTPUT_NAMES: { code: 'INVALID_ARGUMENT', message: '{place} makes {count} columns ({columns}); give "as" as many different names.' },
  FEATURES_MISSING: { code: 'INVALID_ARGUMENT', message: 'The plan names no features; list them under "features", or end it with a select step.' },
  FEATURE_REPEATED: { code: 'INVALID_ARGUMENT', message: 'The feature "{feature}" leaves the plan twice; name it once.' },
  FEATURE_TYPE: { code: 'INVALID_ARGUMENT', message: 'features.{feature} is of type {type}; a feature must be a number: add a step such as {mend}.' },
  PLAN_TOO_LARGE: { code: 'INVALID_ARGUMENT', message: 'The plan has {count} {things}, more than {limit}.' },
  PLAN_LEAKS_TARGET: { code: 'FAILED_PRECONDITION', message: 'Refused: {edge}: "{column}" is the target or what the target is made from; take it out of the features.' },
  PLAN_LEAKS_FUTURE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: "{column}" is known only after the event; take it out of the features, or use a feature view that waits until it is known.',
  },
  PLAN_FITS_BEFORE_SPLIT: { code: 'FAILED_PRECONDITION', message: 'Refused: {edge}: the step would see rows that evaluate; move it after the split.' },
  PLAN_RESAMPLES_BEFORE_SPLIT: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: copies of one row would fall on both sides of the split; move the resampling after the split.',
  },
  PLAN_RESAMPLES_EVALUATION: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: a model must be judged on rows as they come; resample the training rows only ("rows: training").',
  },
  PLAN_FITS_RESAMPLED: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: the step would learn from rows that were drawn or made up; move the resampling to the end of the steps, or of the steps of each rung.',
  },
  PLAN_SPLITS_OTHERWISE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: the plan was checked for a split {said}, but rows are split {done}; say the same in both places, or leave the step out.',
  },
  PLAN_MIXES_GROUPS: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: rows of one "{column}" would fall on both sides of the split; split by group on "{column}".',
  },
  PLAN_SAMPLES_BY_OUTCOME: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: whole groups of rows would be taken or left for their "{column}", the outcome or what is known only after the event; draw groups of another column, or sample by "stratified", which keeps its shares.',
  },
  PLAN_SAMPLES_LATE: {
    code: 'FAILED_PRECONDITION',
    message: 'Refused: {edge}: rows are drawn before anything is learnt from them, and the plan says it the other way round; move the sample before that step.',
  },
  SAMPLE_TOO_MANY_STRATA: { code: 'FAILED_PRECONDITION', message: '{place} cannot be drawn: its columns part the rows into more than {limit} strata; name columns with fewer values, or sample by "random".' },
  SAMPLE_EMPTY: { code: 'FAILED_PRECONDITION', message: '{place} draws none of {rows} rows; raise the share or the count.' },
  FIT_NO_VALUES: { code: 'FAILED_PRECONDITION', message: '{place} cannot be fitted: "{column}" has no finite value in the training rows; drop it, or fill it with a constant before.' },
  FIT_NO_COLUMNS: { code: 'FAILED_PRECONDITION', message: '{place} cannot be fitted: the steps before it have dropped every column that it reads; keep one, or take the step out.' },
  FIT_NO_TARGET: { code: 'FAILED_PRECONDITION', message: '{place} cannot be fitted: it learns from the target, and the rows are given without one; fit it in a training job.' },
  FIT_EXPLAINS_LITTLE: { code: 'FAILED_PRECONDITION', message: '{place} is refused: {components} components explain {explained} of the variance, and {explains} is asked for; take {needed} components, or ask for less.' },
  FIT_OVERFLOW: { code: 'FAILED_PRECONDITION', message: '{place} cannot be fitted: the {what} of "{column}" is beyond a double; clip it before.' },
  CELL_INVALID: { code: 'INVALID_ARGUMENT', message: 'Row {row}, column "{column}": {value} is no {type}; {mend}.' },
  COLUMN_MISSING: { code: 'INVALID_ARGUMENT', message: 'The column "{column}" ({type}) is missing from the rows to feed.' },
  FITTED_INVALID: { code: 'INVALID_ARGUMENT', message: 'This is no fitted plan: {detail}.' },
  EXPRESSION_INVALID: { code: 'INTERNAL', message: 'The operation {op} was given {given}; it takes {expected}.' },
});
