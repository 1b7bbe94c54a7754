import type { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useAnswer } from '../../client/answers.js';
import { monitorCalls } from '../../calls/monitor.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age, day, span } from '../../text.js';
import { MonitorPage } from './monitor-page.js';

/** Monitoring: every monitor with the alerts, or one window by window. */
export function MonitoringView({ below: [monitor] }: { readonly below: readonly string[] }) {
  return monitor === undefined ? <Monitors /> : <MonitorPage name={`monitors/${monitor}`} />;
}

function Monitors() {
  const monitors = useAnswer(monitorCalls.monitors());
  const alerts = useAnswer(monitorCalls.alerts());
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
                { head: 'Endpoint', cell: ({ endpoint }) => endpoint.split('/')[1] },
                { head: 'Window', cell: ({ window }) => (window ? span(Number(window.seconds)) : '–') },
                { head: 'Drift beyond', cell: ({ drift }) => `PSI ${drift?.psi || 0.25}` },
                { head: 'Performance', cell: ({ performance }) => (performance ? `${performance.metric} ${performance.threshold}` : 'not judged') },
              ]}
            />
          )
        }
      </Shown>
      <h2>Alerts</h2>
      <Shown answer={alerts} what="alerts">{({ alerts: all }) => <Alerts alerts={all} />}</Shown>
    </>
  );
}

/** Alerts as a list, open ones first as they come. */
export function Alerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  if (alerts.length === 0) return <p className="quiet">None. A window beyond its limits raises one.</p>;
  const sorted = [...alerts].sort((a, b) => Number(bare(b.state) === 'OPEN') - Number(bare(a.state) === 'OPEN'));
  return (
    <ul className="alerts">
      {sorted.map(({ name, state, kind, message, eventTime, createTime, monitor }) => (
        <li key={name}>
          <State of={state} />
          <div>
            <p>
              <b>{bare(kind).toLowerCase()}</b> at <Resource name={monitor} />, window until {day(eventTime)}
            </p>
            <p className="why">{message}</p>
          </div>
          <time dateTime={createTime?.toISOString()}>{age(createTime)}</time>
        </li>
      ))}
    </ul>
  );
}
