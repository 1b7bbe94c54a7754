import type { Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useAnswer } from '../../client/answers.js';
import { monitorCalls } from '../../calls/monitor.js';
import { Series } from '../../charts/series.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Figure } from '../../parts/figure.js';
import { Link } from '../../router.js';
import { count, day, fixed, metricTitle } from '../../text.js';
import { DriftTable } from './drift-table.js';
import { Alerts } from './monitoring-view.js';

/** One monitor: realised performance and drift, window by window, with the limits that they are judged by. */
export function MonitorPage({ name }: { readonly name: string }) {
  const monitors = useAnswer(monitorCalls.monitors());
  const reports = useAnswer(monitorCalls.reports(name));
  const alerts = useAnswer(monitorCalls.alerts());
  const monitor = monitors.value?.monitors.find((each) => each.name === name);
  return (
    <>
      <p className="crumbs">
        <Link href="/monitoring">Monitoring</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      <Shown answer={reports} what="windows">
        {({ reports: all }) => (all.length === 0 ? <Empty title="No window yet" command="npx millrace predict ENDPOINT --row '{…}'">Windows begin with the first prediction; they are judged when labels had time to come.</Empty> : <Windows monitor={monitor} reports={[...all].reverse()} />)}
      </Shown>
      <h2>Alerts</h2>
      <Shown answer={alerts} what="alerts">{({ alerts: all }) => <Alerts alerts={all.filter((alert) => alert.monitor === name)} />}</Shown>
    </>
  );
}

const measured = ({ performance }: Report, metric: string) => performance.find((each) => each.metric === metric);

/** Windows are oldest first. */
function Windows({ monitor, reports }: { readonly monitor: Monitor | undefined; readonly reports: readonly Report[] }) {
  const metric = monitor?.performance?.metric ?? 'log_loss';
  const limit = monitor?.performance?.threshold;
  const points = reports.flatMap((report) => {
    const found = measured(report, metric);
    return found ? [{ label: day(report.from), value: found.value, low: found.low, high: found.high, beyond: limit !== undefined && (metric === 'auc' ? found.value < limit : found.value > limit) }] : [];
  });
  return (
    <>
      <h2>How right it was</h2>
      {points.length === 0 ? (
        <p className="quiet">No labels have come yet, so nobody knows.</p>
      ) : (
        <Figure
          title={`Realised ${metricTitle(metric).toLowerCase()}`} says="By labels that came later, with 95 % intervals."
          picture={<Series points={points} limit={limit} says={points.map(({ label, value }) => `${label} ${fixed(value)}`).join(', ')} />}
          table={{
            rows: [...reports].reverse(),
            keyOf: (report) => report.name,
            columns: [
            { head: 'Window from', cell: ({ from }) => day(from) },
            { head: 'Predictions', figures: true, cell: ({ predictions }) => count(predictions) },
            { head: 'Labels', figures: true, cell: ({ labels }) => count(labels) },
            { head: metricTitle(metric), figures: true, cell: (report) => fixed(measured(report, metric)?.value) },
            { head: 'AUC', figures: true, cell: (report) => fixed(measured(report, 'auc')?.value) },
            { head: 'State', cell: ({ state }) => <State of={state} {...(bare(state) === 'OPEN' ? { tone: 'going' } : {})} /> },
          ],
          }}
        />
      )}
      <h2>How far its inputs moved</h2>
      <p className="lead">PSI of each input against what the model saw in training; beyond {monitor?.drift?.psi || 0.25} is an alert.</p>
      <DriftTable reports={reports} limit={monitor?.drift?.psi || 0.25} ignored={monitor?.drift?.ignore ?? []} />
    </>
  );
}
