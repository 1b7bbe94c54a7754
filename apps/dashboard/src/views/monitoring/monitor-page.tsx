import type { Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { monitorCalls } from '../../calls/monitor.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown } from '../../parts/states.js';
import { Facts } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { metricTitle, span } from '../../text.js';
import { Alerts } from './alerts.js';
import { DriftTable } from './drift-table.js';
import { psiLimit } from './drift.js';
import { Performance } from './performance.js';

/** One monitor: realised performance and drift, window by window, with the limits that they are judged by. */
export function MonitorPage({ name }: { readonly name: string }) {
  const monitors = useAnswer(monitorCalls.monitors());
  const windows = usePages((token) => monitorCalls.reports(name, token));
  const monitor = monitors.value?.monitors.find((each) => each.name === name);
  const reports = windows.pages.flatMap((page) => page.reports);
  return (
    <>
      <p className="crumbs">
        <Link href="/monitoring">Monitoring</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      {monitor ? <Rules monitor={monitor} /> : undefined}
      <Shown answer={windows.first} what="windows">
        {() =>
          reports.length === 0 ? (
            <Empty title="No window yet" command="npx millrace predict ENDPOINT --row '{…}'">
              Windows begin with the first prediction; they are judged when labels had time to come.
            </Empty>
          ) : (
            <Windows monitor={monitor} reports={reports.toReversed()} />
          )
        }
      </Shown>
      <More of={windows} shown={reports.length} noun="windows" />
      <Alerts monitor={name} />
    </>
  );
}

const length = (duration: { readonly seconds: bigint } | undefined): string => (duration ? span(Number(duration.seconds)) : 'none');

function Rules({ monitor: { endpoint, window, lateness, drift, performance, quality, minPredictions } }: { readonly monitor: Monitor }) {
  return (
    <Facts
      facts={[
        ['Watches', <Resource key="endpoint" name={endpoint} />],
        ['A window is', `${length(window)}, and takes labels for ${length(lateness)} more`],
        ['Drift is an alert', drift ? `beyond PSI ${psiLimit(drift)} of ${drift.minColumns > 1 ? `${drift.minColumns} inputs` : 'any input'}` : 'never'],
        ['Missing and unseen values are', quality ? `an alert: ${(quality.missingIncrease * 100).toFixed(0)} % more missing, or ${(quality.unseenShare * 100).toFixed(0)} % unseen` : 'no alert'],
        ['Performance is an alert', performance ? `at ${metricTitle(performance.metric).toLowerCase()} ${performance.threshold}${performance.wholeInterval ? ', by the whole interval' : ''}` : 'never'],
        ['Windows are judged', minPredictions > 0n ? `from ${minPredictions} predictions on` : 'whatever their size'],
      ]}
    />
  );
}

/** Windows are oldest first. */
function Windows({ monitor, reports }: { readonly monitor: Monitor | undefined; readonly reports: readonly Report[] }) {
  return (
    <>
      <h2>How right it was</h2>
      <Performance monitor={monitor} reports={reports} />
      <h2>How far its inputs moved</h2>
      <DriftTable monitor={monitor} reports={reports} />
    </>
  );
}
