import { monitorCalls } from '../../calls/monitor.js';
import { together, useAnswer } from '../../client/answers.js';
import { Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Sentence } from '../../parts/why.js';
import { Resource } from '../../router.js';
import { day } from '../../text.js';

/** Alerts of the endpoint over windows that a time lies in. */
export function NearAlerts({ endpoint, time }: { readonly endpoint: string; readonly time: Date | undefined }) {
  const known = together({ alerts: useAnswer(monitorCalls.alerts()), monitors: useAnswer(monitorCalls.monitors()) });
  return (
    <Shown answer={known} what="alerts">
      {({ alerts: { alerts: all }, monitors: { monitors } }) => {
        const near = all.filter(({ endpoint: of, monitor, eventTime }) => {
          const window = Number(monitors.find(({ name }) => name === monitor)?.window?.seconds ?? 0n) * 1_000;
          return of === endpoint && time !== undefined && eventTime !== undefined && time < eventTime && time.getTime() >= eventTime.getTime() - window;
        });
        if (near.length === 0) return <p className="quiet">None of the newest hundred: no window that it lies in was found odd.</p>;
        return (
          <Table
            title="Alerts about its time"
            hidden
            rows={near}
            keyOf={({ name }) => name}
            columns={[
              { head: 'Window to', cell: ({ eventTime }) => day(eventTime) },
              { head: 'Alert', cell: ({ message }) => <span className="prose"><Sentence text={message} /></span> },
              { head: 'Is', cell: ({ state }) => <State of={state} /> },
              { head: 'Monitor', cell: ({ monitor }) => <Resource name={monitor} /> },
            ]}
          />
        );
      }}
    </Shown>
  );
}
