import type { Evaluation as EvaluationMessage, RungReport as RungReportMessage, SampleReport, SliceReport as SliceMessage } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import type { SampleRecord } from '@millrace/plan';
import { JSON_TYPE, toObject } from './trainer.wire.js';
import type { RungReport, SliceReport } from './training/ladder-report.js';
import { type Evaluation, evaluationName, trainingJobName } from './training-job.js';

/** An evaluation with everything. */
export const toEvaluation = ({ id, report, reportObject, createTime }: Evaluation): EvaluationMessage => ({
  name: evaluationName.format({ evaluation: id }),
  trainingJob: trainingJobName.format({ job: id }),
  rows: BigInt(report.rows),
  positiveShare: report.positiveShare,
  rungs: report.rungs.map(toRung),
  gate: { passed: report.gate.passed, checks: report.gate.checks.map((check) => ({ ...check })) },
  report: toObject(reportObject, JSON_TYPE),
  createTime,
  samples: (report.samples ?? []).map(toSample),
});

/** An evaluation for lists and events: without thresholds and slices, which are most of it. */
export function toShortEvaluation(evaluation: Evaluation): EvaluationMessage {
  const message = toEvaluation(evaluation);
  return { ...message, rungs: message.rungs.map((rung) => ({ ...rung, thresholds: [], slices: [] })) };
}

const toRung = ({ rung, metrics, differences, worstSlices, calibration, thresholds = [], averagePrecision, slices = [] }: RungReport): RungReportMessage => ({
  rung,
  metrics: metrics.map((metric) => ({ ...metric })),
  differences: differences.map(({ baseline, difference }) => ({ baseline, difference: { ...difference } })),
  worstSlices: worstSlices.map(toSlice),
  calibration: calibration.map(({ predicted, observed, rows }) => ({ predicted, observed, rows: BigInt(rows) })),
  thresholds: thresholds.map(({ threshold, truePositives, falsePositives, falseNegatives, trueNegatives }) => ({ threshold, truePositives: BigInt(truePositives), falsePositives: BigInt(falsePositives), falseNegatives: BigInt(falseNegatives), trueNegatives: BigInt(trueNegatives) })),
  ...(averagePrecision === undefined ? {} : { averagePrecision }),
  slices: slices.map(toSlice),
});

const toSlice = ({ column, value, rows, metrics, predicted = 0, observed }: SliceReport): SliceMessage => ({ column, value, rows: BigInt(rows), metrics: metrics.map((metric) => ({ ...metric })), predicted, observed: observed && { metric: 'positive_share', ...observed } });

/** The largest strata tell enough; the report holds them all. */
const MAX_STRATA_TOLD = 100;

const toSample = ({ step, by, columns, of, seed, rowsBefore, rows, groups: [groupsBefore, groups] = [0, 0], strata = [] }: SampleRecord): SampleReport => ({
  step,
  by,
  columns: [...columns],
  beforeSplit: of === 'all',
  seed: BigInt(seed),
  rowsBefore: BigInt(rowsBefore),
  rows: BigInt(rows),
  groupsBefore: BigInt(groupsBefore),
  groups: BigInt(groups),
  strata: [...strata].sort((a, b) => b.rowsBefore - a.rowsBefore).slice(0, MAX_STRATA_TOLD).map((stratum) => ({ stratum: stratum.stratum, rowsBefore: BigInt(stratum.rowsBefore), rows: BigInt(stratum.rows) })),
});
