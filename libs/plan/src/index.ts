export { checkPlan, type Knowledge, type LeakContext, type Split } from './check-plan.js';
export { type DescribedStep, describePlan, type PlanFlow, type PlanGraph } from './describe-plan.js';
export { PLAN_DOMAIN } from './errors.js';
export { exactLn } from './exact-ln.js';
export type { Bool, Expr, F32, F64, I64, LookupTable, Named, Str, Vec } from './expression.js';
export { type FitOptions, fitPlan, type FittedPlan, fittedFromJson, fittedToJson } from './fit-plan.js';
export {
  type FeedCell,
  type FeedColumn,
  feedColumns,
  type FeedRow,
  feedRows,
  type FeedTensor,
  feedTensors,
  inputLayout,
  type InputLayout,
  INT64_MISSING,
  layoutColumns,
  type PackedInputs,
  TEXT_MISSING,
} from './input-layout.js';
export { Ir } from './ir.js';
export { type AnyKind, type Bound, defineColumnwiseKind, defineKind, type Kind, type KindTable, type Leaving, type Role } from './kind.js';
export { KINDS } from './kinds/kinds.js';
export { type Resampling, resamplings } from './kinds/resample.js';
export { type Sampling, samplings } from './kinds/sample.js';
export { columnsOf, extendPlan, MAX_STEPS, type ParseOptions, parsePlan } from './parse-plan.js';
export { type Plan, type PlanColumn, planDigest, type Step } from './plan.js';
export type { Feature, LeavingRule } from './plan-walk.js';
export { type FormulaColumn, formulaColumns, formulasToJs, formulasToSql, formulaType, MAX_FORMULA_LENGTH, type NamedFormula } from './row-formulas.js';
export { type LoweredPlan, lowerPlan, type OnnxFeatures, type SqlOptions, toJs, toLeftOutSql, toOnnx, toSql } from './renderings.js';
export { shortState } from './short-state.js';
export { drawRows, type DrawnRows, type RowTable, type SampleRecord } from './draw-rows.js';
export { DUCKDB_FIT, type FitDialect } from './fit-dialect.js';
export { type Dialect, DUCKDB } from './sql-dialect.js';
export { type Category, type FitTable, type Moments, StepTable } from './step-table.js';
