export type { Estimator, FitOptions, Importance, Model, TrainingData } from './estimator.js';
export { type AnyEstimator, ESTIMATORS, findEstimator } from './estimators.js';
export { type CalibrationBin, calibrationOf, type Difference, type Estimate, evaluateModels, type EvaluationInput, type ModelReport } from './evaluation/evaluate-models.js';
export { evaluateGate, type Gate, type GateCheck, type GateVerdict, parseGate } from './evaluation/gate.js';
export { auc, CALIBRATION_BINS, isMoreBetter, type Metric, METRICS } from './evaluation/metrics.js';
export { type Slice, type SliceInput, worstSlices } from './evaluation/worst-slices.js';
export { exactSigmoid, exactSigmoidToOnnx } from './exact-sigmoid.js';
