import type { ColumnDrift, Measurement, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { ListReportsResponse, MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { fullName } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count, figure } from '../text/figures.js';
import { word } from '../text/state-word.js';
import type { TableCell } from '../text/table.js';
import { showDay, showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';

/** Drift and performance of one monitor, the oldest of the shown windows first. */
export async function reports(session: Session, name: string, { limit: text }: { readonly limit: string }): Promise<void> {
  const limit = limitOption(text);
  const parent = fullName('monitors', name);
  const monitor = await session.connect(MonitorServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const found = await monitor.listReports({ parent, ...part }, session.call);
    return { rows: found.reports, nextPageToken: found.nextPageToken };
  });
  session.answer(
    () => ListReportsResponse.toJSON({ reports: [...rows], nextPageToken: '' }),
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
              { title: 'MOST PSI', align: 'right' },
              { title: 'OF', shrink: true },
              { title: 'SCORE PSI', align: 'right' },
              { title: 'LOG LOSS' },
              { title: 'AUC' },
              { title: 'ALERTS', align: 'right' },
            ],
            [...rows].reverse().map(reportRow),
          ) + moreLine(more, limit),
  );
}

function reportRow({ from, to, state, predictions, labels, late, columns, score, performance, alerts }: Report): readonly TableCell[] {
  const [worst] = columns.map((column) => ({ column, psi: psiOf(column) ?? -1 })).sort((a, b) => b.psi - a.psi);
  return [
    windowOf(from, to),
    // An open window is no alarm.
    word(state).toLowerCase(),
    count(predictions),
    count(labels),
    count(late),
    worst && worst.psi >= 0 ? marked(figure(worst.psi, 3), worst.column.drifted) : '',
    worst && worst.psi >= 0 ? worst.column.column : '',
    score ? marked(figure(psiOf(score), 3), score.drifted) : '',
    measured(performance, 'log_loss'),
    measured(performance, 'auc'),
    alerts.length === 0 ? '' : { text: String(alerts.length), style: 'bad' },
  ];
}

const psiOf = ({ distances }: ColumnDrift): number | undefined => distances['psi'];
const marked = (text: string, drifted: boolean): TableCell => (drifted ? { text, style: 'bad' } : text);

function measured(performance: readonly Measurement[], metric: string): string {
  const found = performance.find((one) => one.metric === metric);
  return found ? `${found.value.toFixed(4)} [${found.low.toFixed(4)}, ${found.high.toFixed(4)}]` : '';
}

const isMidnight = (time: Date | undefined): boolean => (time?.getTime() ?? 0) % 86_400_000 === 0;
const windowOf = (from: Date | undefined, to: Date | undefined): string => (isMidnight(from) && isMidnight(to) ? `${showDay(from)} – ${showDay(to)}` : `${showTime(from)} – ${showTime(to)}`);
