import { type ColumnDrift, type Measurement, type Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { fullName } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import { psiOf, worstColumn } from '../calls/worst-column.js';
import type { Session } from '../session.js';
import { count, figure, percent, plural } from '../text/figures.js';
import { word } from '../text/state-word.js';
import type { TableCell } from '../text/table.js';
import { showDay, showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';

/** Drift and performance of one monitor, the oldest of the shown windows first. */
export async function reports(session: Session, name: string, { limit: text }: { readonly limit: string }): Promise<void> {
  const limit = limitOption(text);
  const parent = fullName('monitors', name);
  const client = await session.connect(MonitorServiceDefinition);
  const monitor = await client.getMonitor({ name: parent }, session.call);
  const { rows, more } = await readPages(limit, async (part) => {
    const found = await client.listReports({ parent, ...part }, session.call);
    return { rows: found.reports, nextPageToken: found.nextPageToken };
  });
  session.answer(
    () => ({ reports: rows.map((report) => Report.toJSON(report)) }),
    () =>
      rows.length === 0
        ? `${parent} has no window yet; the first prediction of its endpoint opens one.\n`
        : session.table(
            [
              { title: 'WINDOW (UTC)' },
              { title: 'STATE' },
              { title: 'PREDICTIONS', align: 'right' },
              { title: 'LABELS', align: 'right' },
              { title: 'LATE', align: 'right' },
              { title: 'SCORE PSI', align: 'right' },
              { title: 'MOST DRIFTED INPUT' },
              { title: 'MISSING OR UNSEEN' },
              { title: 'LOG LOSS' },
              { title: 'AUC' },
              { title: 'ALERTS', align: 'right' },
            ],
            [...rows].reverse().map((report) => reportRow(report, monitor)),
          ) + moreLine(more, limit),
  );
}

function reportRow({ from, to, state, predictions, labels, late, lateLabels, columns, score, performance, alerts }: Report, monitor: Monitor): readonly TableCell[] {
  const worst = worstColumn(columns, monitor);
  return [
    windowOf(from, to),
    // An open window is no alarm.
    word(state).toLowerCase(),
    count(predictions),
    count(labels),
    lateText(late, lateLabels),
    score ? marked(figure(psiOf(score), 3), score.drifted) : '',
    worst ? marked(`${worst.column} ${figure(psiOf(worst), 3)}`, worst.drifted) : '',
    degradedCell(columns),
    measured(performance, 'log_loss'),
    measured(performance, 'auc'),
    alerts.length === 0 ? '' : { text: String(alerts.length), style: 'bad' },
  ];
}

/** Predictions, and labels, that came too late to count. */
const lateText = (late: bigint, lateLabels: bigint): string => (lateLabels === 0n ? count(late) : `${count(late)} + ${plural(lateLabels, 'label')}`);

/** How many columns the quality rule complains of, and which is the worst. */
function degradedCell(columns: readonly ColumnDrift[]): TableCell {
  const worst = columns.filter(({ degraded }) => degraded).toSorted((a, b) => shareOfTrouble(b) - shareOfTrouble(a));
  const [first] = worst;
  return first ? { text: `${first.column} ${percent(shareOfTrouble(first))}${worst.length > 1 ? ` and ${worst.length - 1} more` : ''}`, style: 'bad' } : '';
}

const shareOfTrouble = ({ missingShare, unseenShare }: ColumnDrift): number => Math.max(missingShare, unseenShare);

const marked = (text: string, drifted: boolean): TableCell => (drifted ? { text, style: 'bad' } : text);

function measured(performance: readonly Measurement[], metric: string): string {
  const found = performance.find((one) => one.metric === metric);
  return found ? `${found.value.toFixed(4)} [${found.low.toFixed(4)}, ${found.high.toFixed(4)}]` : '';
}

const isMidnight = (time: Date | undefined): boolean => (time?.getTime() ?? 0) % 86_400_000 === 0;
const windowOf = (from: Date | undefined, to: Date | undefined): string => (isMidnight(from) && isMidnight(to) ? `${showDay(from)} – ${showDay(to)}` : `${showTime(from)} – ${showTime(to)}`);
