import { resourceName } from '@millrace/core';
import { errors } from './errors.js';

export const monitorName = resourceName('monitors/{monitor}');
export const reportName = resourceName('reports/{report}');
export const alertName = resourceName('alerts/{alert}');

export const METRICS = ['auc', 'log_loss', 'brier', 'ece'] as const;
export type Metric = (typeof METRICS)[number];

/** When a change of data is an alert. */
export interface DriftRule {
  readonly psi: number;
  readonly minColumns: number;
  readonly ignore: readonly string[];
}

/** When missing or unseen values are an alert. */
export interface QualityRule {
  /** How much larger the missing share of a column may be than that of its reference. */
  readonly missingIncrease: number;
  readonly unseenShare: number;
  readonly ignore: readonly string[];
}

/** When realised performance is an alert. */
export interface PerformanceRule {
  readonly metric: Metric;
  readonly threshold: number;
  readonly minLabels: number;
  readonly wholeInterval: boolean;
}

/** Watches the prediction log of one endpoint in windows of event time. */
export interface Monitor {
  readonly monitor: string;
  readonly endpoint: string;
  readonly windowMs: number;
  readonly latenessMs: number;
  /** Digest of what windows are compared with; empty follows the endpoint's version. */
  readonly reference: string;
  readonly drift: DriftRule | undefined;
  readonly quality: QualityRule | undefined;
  readonly performance: PerformanceRule | undefined;
  readonly minPredictions: number;
  readonly createTime: Date;
  readonly revision: number;
}

export type MonitorDraft = Omit<Monitor, 'createTime' | 'revision'>;

/** Windows start at multiples of their length since this Monday. */
export const EPOCH_MS = Date.UTC(1970, 0, 5);
const SHORTEST_WINDOW_MS = 60_000;

/** Finds contradictions; throws INVALID_MONITOR and names the place. */
export function checkMonitor(draft: MonitorDraft): MonitorDraft {
  const fault = (place: string, why: string): Error => errors.INVALID_MONITOR({ name: monitorName.format(draft), place, why });
  if (!(draft.windowMs >= SHORTEST_WINDOW_MS)) throw fault('window', 'a window is at least a minute long');
  if (!(draft.latenessMs >= 0)) throw fault('lateness', 'it cannot be negative');
  if (!/^endpoints\/[^/]+$/.test(draft.endpoint)) throw fault('endpoint', `"${draft.endpoint}" is not of the form endpoints/{endpoint}`);
  if (draft.drift && !(draft.drift.psi > 0)) throw fault('drift.psi', 'it must be positive');
  if (draft.drift && draft.drift.minColumns < 1) throw fault('drift.min_columns', 'it must be at least 1');
  for (const [place, value] of [['quality.missing_increase', draft.quality?.missingIncrease], ['quality.unseen_share', draft.quality?.unseenShare]] as const) {
    if (value !== undefined && !(value > 0 && value <= 1)) throw fault(place, 'it must be a share above 0 and at most 1');
  }
  const { performance } = draft;
  if (performance && !METRICS.includes(performance.metric)) throw fault('performance.metric', `"${String(performance.metric)}" is not one of ${METRICS.join(', ')}`);
  if (performance && !Number.isFinite(performance.threshold)) throw fault('performance.threshold', 'it must be a number');
  return draft;
}

/** The window that a time lies in: its first millisecond. */
export const windowStart = ({ windowMs }: Pick<Monitor, 'windowMs'>, time: number): number => Math.floor((time - EPOCH_MS) / windowMs) * windowMs + EPOCH_MS;
