import { Firing_Decision } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { lastPart, shortName } from '../calls/names.js';
import type { Session } from '../session.js';
import { stateCell } from '../text/state-word.js';
import { showTime } from '../text/times.js';
import { ALERT_COLUMNS, alertRow } from './alerts.js';
import { RUN_COLUMNS, runRow } from './runs.js';
import { ENDPOINT_COLUMNS, endpointRow } from './endpoints.js';
import { PIPELINE_COLUMNS, pipelineRow } from './pipelines.js';
import type { Status } from './status.js';
import { TRIGGER_COLUMNS, triggerRow } from './trigger-row.js';

/** How everything stands, for people; what is not there yet says how it comes to be. */
export function statusText(session: Session, { pipelines, runs, triggers, firings, alerts, endpoints }: Status): string {
  if (pipelines.length === 0 && endpoints.length === 0) {
    return 'There is no pipeline yet. Say what is wanted with `millrace apply FILE`, such as examples/flights/millrace.yaml, or see a whole story with `millrace demo`.\n';
  }
  const first = pipelines[0] ? shortName(pipelines[0].name) : 'PIPELINE';
  const none = (text: string): string => `${session.styled('dim', text)}\n`;
  return [
    session.title('Pipelines').trimStart(),
    session.table(PIPELINE_COLUMNS, pipelines.map(pipelineRow)),
    session.title('Last runs'),
    runs.length === 0 ? none(`None yet; \`millrace run ${first}\` starts one.`) : session.table(RUN_COLUMNS, runs.map(runRow)),
    session.title('Triggers'),
    triggers.length === 0
      ? none('None; `triggers:` in the pipeline file says what starts a run.')
      : session.table(TRIGGER_COLUMNS, triggers.map(triggerRow)),
    session.title('Last firings'),
    firings.length === 0
      ? none('None yet: no trigger has fired.')
      : session.table(
          [{ title: 'TRIGGER' }, { title: 'DECISION' }, { title: 'ABOUT (UTC)' }, { title: 'RUN' }, { title: 'WHY' }],
          firings.map(({ trigger, decision, cause, pipelineRun, why }) => [shortName(trigger), stateCell(decision), showTime(cause?.eventTime), decision === Firing_Decision.STARTED ? lastPart(pipelineRun) : '', why]),
        ),
    session.title('Open alerts'),
    alerts.length === 0 ? none('None.') : session.table(ALERT_COLUMNS, alerts.map(alertRow)),
    session.title('Endpoints'),
    endpoints.length === 0
      ? none(`None yet; the first run whose model passes the gate deploys one.`)
      : session.table(ENDPOINT_COLUMNS, endpoints.map(endpointRow)),
  ].join('');
}
