import { uuidv7 } from '@millrace/core';
import { isMoreBetter } from '@millrace/ml';
import type { Monitor } from './monitor.js';
import { type Findings, labelsOf, predictionsOf, type ReportWindow } from './report-window.js';

export type AlertKind = 'DRIFT' | 'PERFORMANCE';
export type AlertState = 'OPEN' | 'ACKNOWLEDGED' | 'RESOLVED';

/** Something that a person or a pipeline should know. While it is not resolved, later windows of the same kind refresh it. */
export interface Alert {
  readonly alert: string;
  readonly monitor: string;
  readonly endpoint: string;
  readonly report: string;
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly message: string;
  /** The end of the window. */
  readonly eventTime: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly revision: number;
}

/** What a rule says of a window; undefined when there is nothing to say. */
export interface Verdict {
  readonly kind: AlertKind;
  readonly raised: boolean;
  readonly message: string;
  readonly figures: Readonly<Record<string, number>>;
}

const TOLD_COLUMNS = 5;

/** Asks the rules of a monitor about a window that is being closed. A window with too little to go by says nothing. */
export function verdictsOf(window: ReportWindow, { monitor, findings }: { readonly monitor: Monitor; readonly findings: Omit<Findings, 'alerts'> }): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const { drift, performance: rule } = monitor;
  if (drift && predictionsOf(window) >= monitor.minPredictions) {
    const drifted = findings.columns.filter((column) => column.drifted).sort((a, b) => psiOf(b) - psiOf(a));
    const told = [...drifted, ...(findings.score?.drifted ? [findings.score] : [])];
    const figures = Object.fromEntries(told.map((column) => [`psi.${column.column}`, psiOf(column)]));
    const raised = drifted.length >= drift.minColumns || findings.score?.drifted === true;
    const names = told.slice(0, TOLD_COLUMNS).map((column) => `${column.column} ${psiOf(column).toFixed(3)}`);
    const more = told.length > TOLD_COLUMNS ? ` and ${told.length - TOLD_COLUMNS} more` : '';
    verdicts.push({ kind: 'DRIFT', raised, figures, message: raised ? `PSI beyond ${drift.psi}: ${names.join(', ')}${more}` : `PSI within ${drift.psi}` });
  }
  const figure = rule && findings.performance.find(({ metric }) => metric === rule.metric);
  if (rule && figure && labelsOf(window) >= rule.minLabels) {
    const more = isMoreBetter(rule.metric);
    const edge = rule.wholeInterval ? (more ? figure.high : figure.low) : figure.value;
    const raised = more ? edge < rule.threshold : edge > rule.threshold;
    const bound = `${more ? 'at least' : 'at most'} ${rule.threshold}`;
    verdicts.push({ kind: 'PERFORMANCE', raised, figures: { [rule.metric]: figure.value, low: figure.low, high: figure.high }, message: `${rule.metric} is ${figure.value.toFixed(4)} (95 %: ${figure.low.toFixed(4)} to ${figure.high.toFixed(4)}), ${bound} is asked for` });
  }
  return verdicts;
}

/** What becomes of the open alert of a kind: raised, refreshed, resolved, or nothing. */
export function follow(open: Alert | undefined, verdict: Verdict, { monitor, window, now }: { readonly monitor: Monitor; readonly window: ReportWindow; readonly now: Date }): Alert | undefined {
  const found = { report: window.report, message: verdict.message, eventTime: window.to, figures: verdict.figures, updateTime: now };
  if (verdict.raised) {
    if (open) return { ...open, ...found, revision: open.revision + 1 };
    return { alert: uuidv7(), monitor: monitor.monitor, endpoint: monitor.endpoint, kind: verdict.kind, state: 'OPEN', createTime: now, revision: 1, ...found };
  }
  return open && { ...open, state: 'RESOLVED', message: `back within limits: ${verdict.message}`, updateTime: now, revision: open.revision + 1 };
}

const psiOf = ({ distances }: { readonly distances: Readonly<Record<string, number>> }): number => distances['psi'] ?? 0;
