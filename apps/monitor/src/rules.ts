import { isMoreBetter } from '@millrace/ml';
import type { Verdict } from './alert.js';
import type { DriftRule, Monitor, PerformanceRule, QualityRule } from './monitor.js';
import { isMoreMissing, isMoreUnseen } from './quality.js';
import { type Findings, type JudgedColumn, labelsOf, predictionsOf, type ReportWindow } from './report-window.js';

type Measured = Omit<Findings, 'alerts'>;

/** Columns that a message names; the figures hold all. */
const TOLD_COLUMNS = 5;

/** Asks the rules of a monitor about a window that is being closed. A window with too little to go by says nothing. */
export function verdictsOf(window: ReportWindow, { monitor, findings }: { readonly monitor: Monitor; readonly findings: Measured }): readonly Verdict[] {
  const { drift, quality, performance } = monitor;
  const enough = predictionsOf(window) >= monitor.minPredictions;
  return [drift && enough ? ofDrift(drift, findings) : undefined, quality && enough ? ofQuality(quality, findings) : undefined, performance && ofPerformance(performance, findings, labelsOf(window))].filter((verdict) => verdict !== undefined);
}

function ofDrift({ psi, minColumns }: DriftRule, { columns, score }: Measured): Verdict {
  const drifted = columns.filter((column) => column.drifted).sort((a, b) => psiOf(b) - psiOf(a));
  const told = [...drifted, ...(score?.drifted ? [score] : [])];
  const raised = drifted.length >= minColumns || score?.drifted === true;
  const names = listed(told.map((column) => `${column.column} ${psiOf(column).toFixed(3)}`));
  const message = told.length === 0 ? `PSI within ${psi}` : `PSI beyond ${psi}: ${names}${raised ? '' : `; fewer than ${minColumns} inputs`}`;
  return { kind: 'DRIFT', raised, message, figures: Object.fromEntries(told.map((column) => [`psi.${column.column}`, psiOf(column)])) };
}

function ofQuality(rule: QualityRule, { columns }: Measured): Verdict {
  const degraded = columns.filter((column) => column.degraded);
  const missing = degraded.filter((column) => isMoreMissing(rule, column)).sort((a, b) => b.missingShare - a.missingShare);
  const unseen = degraded.filter((column) => isMoreUnseen(rule, column)).sort((a, b) => b.unseenShare - a.unseenShare);
  const parts = [
    missing.length === 0 ? '' : `more missing than in the reference by more than ${percent(rule.missingIncrease)}: ${listed(missing.map(({ column, missingShare, referenceMissingShare }) => `${column} ${percent(missingShare)} (there ${percent(referenceMissingShare)})`))}`,
    unseen.length === 0 ? '' : `unseen in more than ${percent(rule.unseenShare)}: ${listed(unseen.map(({ column, unseenShare }) => `${column} ${percent(unseenShare)}`))}`,
  ].filter((part) => part !== '');
  const figures = Object.fromEntries([...missing.map(({ column, missingShare }) => [`missing.${column}`, missingShare] as const), ...unseen.map(({ column, unseenShare }) => [`unseen.${column}`, unseenShare] as const)]);
  return { kind: 'QUALITY', raised: degraded.length > 0, figures, message: parts.join('; ') || `at most ${percent(rule.missingIncrease)} more missing than in the reference, and ${percent(rule.unseenShare)} unseen` };
}

function ofPerformance({ metric, threshold, wholeInterval, minLabels }: PerformanceRule, { performance }: Measured, labels: number): Verdict | undefined {
  const figure = performance.find((each) => each.metric === metric);
  if (!figure || labels < minLabels) return undefined;
  const more = isMoreBetter(metric);
  const edge = wholeInterval ? (more ? figure.high : figure.low) : figure.value;
  const bound = `${more ? 'at least' : 'at most'} ${threshold}`;
  const message = `${metric} is ${figure.value.toFixed(4)} (95 %: ${figure.low.toFixed(4)} to ${figure.high.toFixed(4)}), ${bound} is asked for`;
  return { kind: 'PERFORMANCE', raised: more ? edge < threshold : edge > threshold, figures: { [metric]: figure.value, low: figure.low, high: figure.high }, message };
}

const psiOf = ({ distances }: Pick<JudgedColumn, 'distances'>): number => distances['psi'] ?? 0;
const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
const listed = (names: readonly string[]): string => names.slice(0, TOLD_COLUMNS).join(', ') + (names.length > TOLD_COLUMNS ? ` and ${names.length - TOLD_COLUMNS} more` : '');
