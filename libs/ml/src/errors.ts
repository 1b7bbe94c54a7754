import { defineErrors } from '@millrace/core';

/** What estimators, gates and references can be asked wrongly. */
export const errors = defineErrors('ml.millrace', {
  ESTIMATOR_UNKNOWN: { code: 'INVALID_ARGUMENT', message: 'There is no estimator "{name}"; there are {known}.' },
  PARAM_INVALID: { code: 'INVALID_ARGUMENT', message: 'Parameter "{param}" of the estimator {estimator} is wrong: {why}.' },
  FEATURE_MISSING: { code: 'FAILED_PRECONDITION', message: 'The estimator {estimator} takes no missing values, and feature "{feature}" has {rows} of them; add a step such as impute before it.' },
  FEATURE_INFINITE: { code: 'FAILED_PRECONDITION', message: 'Feature "{feature}" has infinite values; clip it before.' },
  TOO_MANY_FEATURES: { code: 'INVALID_ARGUMENT', message: 'The estimator {estimator} takes at most {limit} features and was given {features}.' },
  NOT_SOLVABLE: { code: 'FAILED_PRECONDITION', message: 'The estimator {estimator} found no solution; raise l2, or drop features that say the same.' },
  WEIGHTS_UNSUPPORTED: { code: 'INVALID_ARGUMENT', message: 'The estimator {estimator} takes no weights of rows; resample by oversample or undersample, or use one of {known}.' },
  SMOTE_TOO_FEW: { code: 'FAILED_PRECONDITION', message: 'SMOTE needs more rows of the smaller class than the {neighbours} neighbours that it looks at, and was given {rows}; ask for fewer neighbours, or use oversample.' },
  SMOTE_TOO_MANY: { code: 'FAILED_PRECONDITION', message: 'SMOTE would compare {rows} rows of the smaller class by {features} features, each with each, which takes too long; use oversample, or undersample before.' },
  SMOTE_MISSING: { code: 'FAILED_PRECONDITION', message: 'SMOTE takes finite values only, and feature "{feature}" has none in {rows} rows of the smaller class; add a step such as impute or clip to the plan.' },
  GATE_INVALID: { code: 'INVALID_ARGUMENT', message: 'The gate is wrong at {place}: {why}.' },
  ROWS_UNEVEN: { code: 'INVALID_ARGUMENT', message: '{what} has {rows} rows, the target has {expected}.' },
  SUMMARY_INVALID: { code: 'INVALID_ARGUMENT', message: 'This is no {what}: {why}.' },
});
