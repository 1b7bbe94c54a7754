import { evaluateGate, evaluateModels, parseGate, worstSlices } from '@millrace/ml';
import type { TrainingSpec } from '../training-spec.js';
import type { LadderReport } from './ladder-report.js';
import type { TrainingData } from './training-data.js';

/** A model with its scores of the evaluation rows. */
export interface Judged {
  readonly name: string;
  readonly scores: Float64Array;
}

/** Judges models on the same rows, days or groups drawn as blocks, and asks the gate about the last one. */
export async function judge(models: readonly Judged[], { spec, data }: { readonly spec: TrainingSpec; readonly data: TrainingData }): Promise<LadderReport> {
  const target = await data.target('evaluation');
  const reports = evaluateModels({ target, models, block: await data.blocks('evaluation'), seed: spec.seed });
  const gate = parseGate(spec.gate, spec.rungs.map(({ name }) => name));
  const columns: { readonly name: string; readonly values: readonly string[] }[] = [];
  for (const name of spec.sliceColumns) columns.push({ name, values: await data.texts('evaluation', name) });
  return {
    rows: target.length,
    positiveShare: target.reduce((sum, value) => sum + value, 0) / target.length,
    rungs: reports.map(({ name, metrics, differences, calibration }, i) => ({
      rung: name,
      metrics,
      differences,
      worstSlices: worstSlices({ target, scores: models[i]?.scores ?? new Float64Array(), columns, minRows: gate.slices.min_rows }),
      calibration,
    })),
    gate: evaluateGate(gate, reports),
  };
}
