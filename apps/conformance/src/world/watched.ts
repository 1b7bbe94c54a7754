import type { Prediction } from '@millrace/contracts/millrace/inference/v1/prediction';
import type { Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { eventually } from '@millrace/testing';
import type { Home } from '../home/home.js';
import { day, LAST_DAY } from '@millrace/e2e';
import type { Late } from './late.js';
import { flight } from './rows.js';

/** What a strict monitor saw of the endpoint of late flights. */
export interface Watched {
  readonly monitor: string;
  readonly predictions: readonly Prediction[];
  /** Of the two windows, newest first: closed and judged. */
  readonly reports: readonly Report[];
}

const A_WINDOW = 60;
const MONITOR = 'monitors/strict';
const HOUR_MS = 3_600_000;

/** Two days of traffic that training has not seen the like of, with labels that say the opposite of what was predicted. */
export async function tellWatched({ inference, monitor }: Home, _late: Late): Promise<Watched> {
  await monitor.applyMonitor({
    monitor: { name: MONITOR, endpoint: 'endpoints/late', window: { seconds: 86_400n, nanos: 0 }, lateness: { seconds: 86_400n * 30n, nanos: 0 }, drift: { psi: 0.25 }, performance: { metric: 'auc', threshold: 0.9, minLabels: 10n }, quality: {}, minPredictions: 10n },
  });
  const predictions: Prediction[] = [];
  for (const number of [LAST_DAY + 1, LAST_DAY + 2]) {
    const rows = Array.from({ length: A_WINDOW }, (_, i) => flight(2_400 + i, 'ORD'));
    const eventTimes = rows.map((_, i) => new Date(day(number).getTime() + (i % 24) * HOUR_MS));
    predictions.push(...(await inference.predict({ endpoint: 'endpoints/late', rows, eventTimes })).predictions);
  }
  await inference.sendFeedback({ endpoint: 'endpoints/late', labels: predictions.map(({ id }, i) => ({ predictionId: id, value: i % 2 })) });
  await eventually('reports that count all predictions and labels', async () => {
    const { reports } = await monitor.listReports({ parent: MONITOR });
    const sum = (of: (report: Report) => bigint): number => Number(reports.reduce((total, report) => total + of(report), 0n));
    return sum((report) => report.predictions) === predictions.length && sum((report) => report.labels) === predictions.length;
  });
  const { reports } = await monitor.closeWindows({ name: MONITOR, through: day(LAST_DAY + 3) });
  return { monitor: MONITOR, predictions, reports: [...reports].reverse() };
}
