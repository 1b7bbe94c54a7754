import { addDelay, addOutcome, type ColumnDrift, compareWindow, copyDelays, copyPerformance, copySummary, type DelaySummary, emptyDelays, emptyPerformance, emptySummary, type Estimate, mergePerformance, performanceOf, type PerformanceSummary, type Reference, type SummaryCell, summarizer, type WindowSummary } from '@millrace/ml';
import { type Monitor, windowStart } from './monitor.js';
import { isDegraded } from './quality.js';

const MS = 1_000;

/** What one model version did in a window. */
export interface VersionWindow {
  readonly summary: WindowSummary;
  readonly performance: PerformanceSummary;
}

/** A column with what the rules of its monitor say. */
export interface JudgedColumn extends ColumnDrift {
  readonly drifted: boolean;
  /** Missing or unseen values exceed the quality rule. */
  readonly degraded: boolean;
}

/** What a closed window showed. */
export interface Findings {
  readonly columns: readonly JudgedColumn[];
  readonly score: JudgedColumn | undefined;
  readonly performance: readonly Estimate[];
  readonly alerts: readonly string[];
}

/** Predictions and labels of one window of event time; plain JSON. */
export interface ReportWindow {
  readonly report: string;
  readonly monitor: string;
  /** Milliseconds since 1970; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly state: 'OPEN' | 'CLOSED';
  readonly versions: Readonly<Record<string, VersionWindow>>;
  /** Predictions, and labels, that came after the window was closed. */
  readonly late: number;
  readonly lateLabels: number;
  readonly findings: Findings | undefined;
  readonly updateTime: number;
  /** How long its labels took; undefined in windows of an older release. */
  readonly delays?: DelaySummary | undefined;
}

/** One prediction as the monitor sees it. */
export interface Observation {
  readonly id: string;
  readonly modelVersion: string;
  readonly eventTime: number;
  readonly score: number;
  readonly inputs: (column: string) => SummaryCell;
}

/** A score whose label has come. */
export interface LabelledScore {
  readonly modelVersion: string;
  readonly eventTime: number;
  readonly score: number;
  readonly value: number;
  /** When the outcome was known; undefined where that was not kept. */
  readonly knownTime: number | undefined;
}

export function newWindow(monitor: Monitor, start: number): ReportWindow {
  const report = `${monitor.monitor}-${new Date(start).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').toLowerCase()}`;
  return { report, monitor: monitor.monitor, from: start, to: start + monitor.windowMs, state: 'OPEN', versions: {}, late: 0, lateLabels: 0, findings: undefined, updateTime: 0 };
}

/** The window that an event of this time belongs to: its start. */
export const startOf = windowStart;

/** The window with predictions; a closed one counts them as late. */
export function withPredictions(window: ReportWindow, observations: readonly Observation[], { references, now }: { readonly references: ReadonlyMap<string, Reference>; readonly now: number }): ReportWindow {
  if (window.state === 'CLOSED') return { ...window, late: window.late + observations.length, updateTime: now };
  const versions = copyOf(window.versions);
  for (const [version, reference] of references) {
    const own = observations.filter(({ modelVersion }) => modelVersion === version);
    if (own.length === 0) continue;
    const target = (versions[version] ??= { summary: emptySummary(reference), performance: emptyPerformance() });
    const add = summarizer(reference);
    for (const { inputs, score } of own) add(target.summary, inputs, score);
  }
  return { ...window, versions, updateTime: now };
}

/** The window with labels of predictions that it holds; a closed one counts them as late. */
export function withLabels(window: ReportWindow, labels: readonly LabelledScore[], now: number): ReportWindow {
  if (window.state === 'CLOSED') return { ...window, lateLabels: window.lateLabels + labels.length, updateTime: now };
  const versions = copyOf(window.versions);
  const delays = copyDelays(window.delays ?? emptyDelays());
  for (const { modelVersion, eventTime, score, value, knownTime } of labels) {
    const target = versions[modelVersion];
    if (!target) continue;
    addOutcome(target.performance, score, value >= 0.5 ? 1 : 0);
    if (knownTime !== undefined) addDelay(delays, (knownTime - eventTime) / MS);
  }
  return { ...window, versions, delays, updateTime: now };
}

/** Summaries that may be added to. */
const copyOf = (versions: ReportWindow['versions']): Record<string, VersionWindow> =>
  Object.fromEntries(Object.entries(versions).map(([version, { summary, performance }]) => [version, { summary: copySummary(summary), performance: copyPerformance(performance) }]));

export const predictionsOf = ({ versions }: ReportWindow): number => Object.values(versions).reduce((sum, { summary }) => sum + summary.rows, 0);
export const labelsOf = ({ versions }: ReportWindow): number => Object.values(versions).reduce((sum, { performance }) => sum + performance.rows, 0);

/** The versions of a window, the one that answered most first. */
export const ranked = ({ versions }: ReportWindow): readonly (readonly [string, VersionWindow])[] => Object.entries(versions).sort((a, b) => b[1].summary.rows - a[1].summary.rows);

/** Drift of the version that answered most, and performance of all answers: a window is judged as those who asked have met it. */
export function findingsOf(window: ReportWindow, { monitor, references }: { readonly monitor: Monitor; readonly references: ReadonlyMap<string, Reference> }): Omit<Findings, 'alerts'> {
  const parts = ranked(window);
  const performance = parts.map(([, part]) => part.performance).reduce(mergePerformance, emptyPerformance());
  const [version, main] = parts[0] ?? [];
  const reference = version === undefined ? undefined : references.get(version);
  if (!main || !reference) return { columns: [], score: undefined, performance: performanceOf(performance) };
  const { columns, score } = compareWindow(reference, main.summary);
  const limit = monitor.drift?.psi ?? Infinity;
  const ignored = new Set(monitor.drift?.ignore);
  const isDrifted = ({ column, distances }: ColumnDrift): boolean => (distances['psi'] ?? 0) > limit && !ignored.has(column);
  return {
    columns: columns.map((column) => ({ ...column, drifted: isDrifted(column), degraded: isDegraded(monitor.quality, column) })),
    score: { ...score, drifted: isDrifted(score), degraded: false },
    performance: performanceOf(performance),
  };
}
