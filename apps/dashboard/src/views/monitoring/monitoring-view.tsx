import type { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useAnswer } from '../../client/answers.js';
import { monitorCalls } from '../../calls/monitor.js';
import { unsettled } from '../../parts/meaning.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { metricTitle, span } from '../../text.js';
import { Alerts } from './alerts.js';
import { psiLimit } from './drift.js';
import { InputPage } from './input-page.js';
import { MonitorPage } from './monitor-page.js';

/** Monitoring: every monitor with the alerts, or one window by window. */
export function MonitoringView({ below: [monitor, , column, report] }: { readonly below: readonly string[] }) {
  if (monitor === undefined) return <Monitors />;
  if (column === undefined) return <MonitorPage name={`monitors/${monitor}`} />;
  return <InputPage name={`monitors/${monitor}`} column={decodeURIComponent(column)} report={report} />;
}

function Monitors() {
  const monitors = useAnswer(monitorCalls.monitors());
  const alerts = useAnswer(monitorCalls.alerts()).value?.alerts;
  return (
    <>
      <h1>Monitoring</h1>
      <p className="lead">A monitor compares what an endpoint was asked, and how right it was, with what its model saw in training, window by window.</p>
      <Shown answer={monitors} what="monitors">
        {({ monitors: all }) =>
          all.length === 0 ? (
            <Empty title="No monitor yet" command="npx millrace run late-flights">
              A pipeline with `monitor` in its file makes one when its first model is served.
            </Empty>
          ) : (
            <Table
              title="Monitors"
              hidden
              rows={all}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Monitor', cell: ({ name }) => <Resource name={name} /> },
                { head: 'Endpoint', cell: ({ endpoint }) => <Resource name={endpoint} /> },
                { head: 'Alerts', cell: ({ name }) => (alerts ? <AlertCount alerts={alerts.filter((alert) => alert.monitor === name)} /> : '…') },
                { head: 'Window', cell: ({ window }) => (window ? span(Number(window.seconds)) : '–') },
                { head: 'Drift beyond', cell: ({ drift }) => (drift ? `PSI ${psiLimit(drift)}` : 'not judged') },
                { head: 'Performance', cell: ({ performance }) => (performance ? `${metricTitle(performance.metric)} ${performance.threshold}` : 'not judged') },
              ]}
            />
          )
        }
      </Shown>
      <Alerts />
    </>
  );
}

/** What is not settled yet; an alert that somebody looks after is not settled. */
function AlertCount({ alerts }: { readonly alerts: readonly Alert[] }) {
  const { open, acknowledged } = unsettled(alerts);
  const words = [...(open > 0 ? [`${open} open`] : []), ...(acknowledged > 0 ? [`${acknowledged} acknowledged`] : [])];
  return <State tone={open > 0 ? 'watch' : acknowledged > 0 ? 'going' : 'good'} word={words.length === 0 ? 'none open' : words.join(', ')} />;
}
