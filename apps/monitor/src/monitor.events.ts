import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import type { EventRecord } from '@millrace/core';
import { catalogue, onEvent, toRecord } from '@millrace/events';
import type { SummaryCell } from '@millrace/ml';
import { currentTraceparent } from '@millrace/rpc';
import type { EventGroup } from '@millrace/service';
import type { Alert } from './alert.js';
import type { Monitor } from './monitor.js';
import { toAlert, toReport } from './monitor.wire.js';
import type { ObservationService } from './observation.service.js';
import type { ReportWindow } from './report-window.js';

const SOURCE = '/millrace/monitor';
const attributes = () => ({ traceparent: currentTraceparent() });

export const encodeAlertRaised = (alert: Alert): EventRecord => toRecord(catalogue.monitor.alertRaised, SOURCE, { alert: toAlert(alert) }, attributes());
export const encodeDrift = (window: ReportWindow, { endpoint }: Monitor): EventRecord => toRecord(catalogue.monitor.driftDetected, SOURCE, { report: toReport(window), endpoint }, attributes());
export const encodePerformance = (window: ReportWindow, { endpoint }: Monitor): EventRecord => toRecord(catalogue.monitor.performanceDropped, SOURCE, { report: toReport(window), endpoint }, attributes());

/** What this service reads: predictions and labels of every endpoint. */
export const subscriptions = (observations: ObservationService): readonly EventGroup[] => [
  {
    group: 'monitor-observations',
    routes: [
      onEvent(catalogue.inference.predictionsLogged, async ({ endpoint, inputs, records }, { id }) => {
        const places = new Map(inputs.map((name, i) => [name, i]));
        await observations.predictions(
          id,
          endpoint,
          records.map((record) => ({ id: record.id, modelVersion: record.modelVersion, eventTime: record.eventTime?.getTime() ?? 0, score: record.score, inputs: (column) => toCell(record.inputs[places.get(column) ?? -1]) })),
        );
      }),
      onEvent(catalogue.inference.labelsReceived, async ({ endpoint, labels }, { id }) => observations.labels(id, endpoint, labels.map(({ predictionId, value, knownTime }) => ({ id: predictionId, value, knownTime: knownTime?.getTime() })))),
    ],
  },
];

const MICROS_A_MILLI = 1_000;

/** Times are compared as microseconds, as references have them. */
function toCell(value: Value | undefined): SummaryCell {
  const cell = value?.kind?.value;
  if (cell === undefined || typeof cell === 'string' || typeof cell === 'number') return cell;
  if (cell instanceof Date) return cell.getTime() * MICROS_A_MILLI;
  return Number(cell);
}
