import { type Alert as AlertMessage, Alert_Kind, Alert_State, type ColumnDistribution, type ColumnDrift as ColumnDriftMessage, type LabelDelay, type Monitor as MonitorMessage, type Report as ReportMessage, Report_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { Duration } from '@millrace/contracts/google/protobuf/duration';
import { delayQuantile, type DelaySummary } from '@millrace/ml';
import type { Alert, AlertKind, AlertState } from './alert.js';
import type { Distribution } from './distribution.js';
import { alertName, checkMonitor, type Metric, type Monitor, type MonitorDraft, monitorName, reportName } from './monitor.js';
import { type Findings, labelsOf, predictionsOf, type ReportWindow } from './report-window.js';

const DEFAULT_PSI = 0.25;
const DEFAULT_MISSING_INCREASE = 0.1;
const DEFAULT_UNSEEN_SHARE = 0.05;
const DEFAULT_LABELS = 1_000;
const MS = 1_000;
const NANOS = 1e6;

const toMillis = (duration: Duration | undefined): number => (duration ? Number(duration.seconds) * MS + duration.nanos / NANOS : 0);
const toDuration = (millis: number): Duration => ({ seconds: BigInt(Math.floor(millis / MS)), nanos: Math.round((millis % MS) * NANOS) });

/** A monitor of a request with its defaults; throws INVALID_MONITOR. */
export function parseMonitor(message: MonitorMessage | undefined): MonitorDraft {
  const { monitor } = monitorName.parse(message?.name ?? '');
  const { drift, quality, performance } = message ?? {};
  return checkMonitor({
    monitor,
    endpoint: message?.endpoint ?? '',
    windowMs: toMillis(message?.window),
    latenessMs: toMillis(message?.lateness),
    reference: message?.reference?.digest ?? '',
    drift: drift && { psi: drift.psi === 0 ? DEFAULT_PSI : drift.psi, minColumns: drift.minColumns === 0 ? 1 : drift.minColumns, ignore: drift.ignore },
    quality: quality && { missingIncrease: quality.missingIncrease === 0 ? DEFAULT_MISSING_INCREASE : quality.missingIncrease, unseenShare: quality.unseenShare === 0 ? DEFAULT_UNSEEN_SHARE : quality.unseenShare, ignore: quality.ignore },
    // What is no metric is refused by the check.
    performance: performance && { metric: performance.metric as Metric, threshold: performance.threshold, minLabels: performance.minLabels === 0n ? DEFAULT_LABELS : Number(performance.minLabels), wholeInterval: performance.wholeInterval },
    minPredictions: Number(message?.minPredictions ?? 0n),
  });
}

export const toMonitor = (monitor: Monitor): MonitorMessage => ({
  name: monitorName.format(monitor),
  endpoint: monitor.endpoint,
  window: toDuration(monitor.windowMs),
  lateness: toDuration(monitor.latenessMs),
  reference: monitor.reference === '' ? undefined : { digest: monitor.reference, sizeBytes: 0n, rows: 0n, mediaType: 'application/json' },
  drift: monitor.drift && { psi: monitor.drift.psi, minColumns: monitor.drift.minColumns, ignore: [...monitor.drift.ignore] },
  quality: monitor.quality && { ...monitor.quality, ignore: [...monitor.quality.ignore] },
  performance: monitor.performance && { ...monitor.performance, minLabels: BigInt(monitor.performance.minLabels) },
  minPredictions: BigInt(monitor.minPredictions),
  createTime: monitor.createTime,
  etag: String(monitor.revision),
});

const toDrift = ({ column, distances, missingShare, referenceMissingShare, unseenShare, drifted, degraded, rows }: Findings['columns'][number]): ColumnDriftMessage => ({
  column,
  distances: { ...distances },
  missingShare,
  referenceMissingShare,
  unseenShare,
  drifted,
  degraded,
  rows: BigInt(rows),
});

export const toReport = (window: ReportWindow): ReportMessage => ({
  name: reportName.format(window),
  monitor: monitorName.format(window),
  from: new Date(window.from),
  to: new Date(window.to),
  state: window.state === 'OPEN' ? Report_State.OPEN : Report_State.CLOSED,
  predictions: BigInt(predictionsOf(window)),
  labels: BigInt(labelsOf(window)),
  late: BigInt(window.late),
  lateLabels: BigInt(window.lateLabels),
  columns: window.findings?.columns.map(toDrift) ?? [],
  score: window.findings?.score && toDrift(window.findings.score),
  performance: window.findings?.performance.map((figure) => ({ ...figure })) ?? [],
  modelVersions: Object.fromEntries(Object.entries(window.versions).map(([version, { summary }]) => [version, BigInt(summary.rows)])),
  alerts: window.findings?.alerts.map((alert) => alertName.format({ alert })) ?? [],
  updateTime: new Date(window.updateTime),
  labelDelay: window.delays && window.delays.count > 0 ? toDelay(window.delays) : undefined,
});

const toDelay = (delays: DelaySummary): LabelDelay => ({ labels: BigInt(delays.count), medianSeconds: delayQuantile(delays, 0.5), p90Seconds: delayQuantile(delays, 0.9), maxSeconds: delays.max });

const toCounts = (counts: readonly number[]): bigint[] => counts.map(BigInt);

export const toDistribution = ({ column, bounds, values, before, now }: Distribution): ColumnDistribution => ({
  column,
  bounds: [...bounds],
  values: [...values],
  reference: toCounts(before.counts),
  window: toCounts(now.counts),
  referenceOther: BigInt(before.other),
  windowOther: BigInt(now.other),
  referenceMissing: BigInt(before.missing),
  windowMissing: BigInt(now.missing),
});

const KINDS: Record<AlertKind, Alert_Kind> = { DRIFT: Alert_Kind.DRIFT, PERFORMANCE: Alert_Kind.PERFORMANCE, QUALITY: Alert_Kind.QUALITY };
const STATES: Record<AlertState, Alert_State> = { OPEN: Alert_State.OPEN, ACKNOWLEDGED: Alert_State.ACKNOWLEDGED, RESOLVED: Alert_State.RESOLVED };

export const toAlert = (alert: Alert): AlertMessage => ({
  name: alertName.format(alert),
  monitor: monitorName.format(alert),
  report: reportName.format(alert),
  kind: KINDS[alert.kind],
  state: STATES[alert.state],
  message: alert.message,
  eventTime: new Date(alert.eventTime),
  createTime: alert.createTime,
  updateTime: alert.updateTime,
  etag: String(alert.revision),
  endpoint: alert.endpoint,
  figures: { ...alert.figures },
  muteUntil: alert.muteUntil === undefined ? undefined : new Date(alert.muteUntil),
});
