import { evaluateGate, evaluateModels, parseGate, slicesOf, thresholdCurve, worstSlices } from '@millrace/ml';
import type { SignatureInput } from '@millrace/scoring';
import type { TrainingSpec } from '../training-spec.js';
import type { LadderReport } from './ladder-report.js';
import type { TrainingData } from './training-data.js';

/** A model with its scores of the evaluation rows. */
export interface Judged {
  readonly name: string;
  readonly scores: Float64Array;
}

/** What is judged by: rows, and what models ask of them. */
export interface JudgeContext {
  readonly spec: TrainingSpec;
  readonly data: TrainingData;
  /** Inputs of the challenger, of which those with few texts are sliced by. */
  readonly inputs: readonly SignatureInput[];
}

/** A text input with more values than this is sliced only where the gate names it. */
const FEW_VALUES = 20;
/** Slices that a column keeps, the largest of them. */
const SLICES_KEPT = 40;

/** Judges models on the same rows, days or groups drawn as blocks, and asks the gate about the last one. */
export async function judge(models: readonly Judged[], { spec, data, inputs }: JudgeContext): Promise<LadderReport> {
  const target = await data.target('evaluation');
  const reports = evaluateModels({ target, models, block: await data.blocks('evaluation'), seed: spec.seed });
  const gate = parseGate(spec.gate, spec.rungs.map(({ name }) => name));
  const few = inputs.filter(({ categories = [] }) => categories.length > 0 && categories.length <= FEW_VALUES).map(({ name }) => name);
  const columns: { readonly name: string; readonly values: readonly string[] }[] = [];
  for (const name of new Set([...spec.sliceColumns, ...few])) columns.push({ name, values: await data.texts('evaluation', name) });
  return {
    rows: target.length,
    positiveShare: target.reduce((sum, value) => sum + value, 0) / target.length,
    rungs: reports.map(({ name, metrics, differences, calibration }, i) => {
      const scores = models[i]?.scores ?? new Float64Array();
      const slices = slicesOf({ target, scores, columns, minRows: gate.slices.min_rows });
      return {
        rung: name,
        metrics,
        differences,
        worstSlices: worstSlices(slices.filter(({ column }) => spec.sliceColumns.includes(column))),
        calibration,
        ...thresholdCurve(target, scores),
        slices: columns.flatMap((column) => slices.filter((slice) => slice.column === column.name).slice(0, SLICES_KEPT)),
      };
    }),
    gate: evaluateGate(gate, reports),
  };
}
