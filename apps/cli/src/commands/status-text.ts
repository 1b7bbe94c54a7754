import { type Trigger, Firing_Decision } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { lastPart, shortName, shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { count } from '../text/figures.js';
import { stateCell, word } from '../text/state-word.js';
import { showSeconds, showTime } from '../text/times.js';
import { ALERT_COLUMNS, alertRow } from './alerts.js';
import { RUN_COLUMNS, runRow } from './runs.js';
import type { Status } from './status.js';

/** How everything stands, for people; what is not there yet says how it comes to be. */
export function statusText(session: Session, { pipelines, runs, triggers, firings, alerts, endpoints }: Status): string {
  if (pipelines.length === 0 && endpoints.length === 0) {
    return 'There is no pipeline yet. Say what is wanted with `millrace apply FILE`, such as examples/flights/millrace.yaml, or see a whole story with `millrace demo`.\n';
  }
  const first = pipelines[0] ? shortName(pipelines[0].name) : 'PIPELINE';
  const none = (text: string): string => `${session.styled('dim', text)}\n`;
  return [
    session.title('Pipelines').trimStart(),
    session.table([{ title: 'PIPELINE' }, { title: 'VERSION', align: 'right' }, { title: 'TRIGGERS' }, { title: 'SINCE (UTC)' }], pipelines.map(({ name, latestVersion, paused, createTime }) => [shortName(name), lastPart(latestVersion), paused ? { text: 'PAUSED', style: 'warn' } : 'on', showTime(createTime)])),
    session.title('Last runs'),
    runs.length === 0 ? none(`None yet; \`millrace run ${first}\` starts one.`) : session.table(RUN_COLUMNS, runs.map(runRow)),
    session.title('Triggers'),
    triggers.length === 0
      ? none('None; `triggers:` in the pipeline file says what starts a run.')
      : session.table([{ title: 'TRIGGER' }, { title: 'STARTS A RUN' }, { title: 'NEXT (UTC)' }, { title: 'GUARDS', shrink: true }], triggers.map((trigger) => [shortName(trigger.name), startsOn(trigger), showTime(trigger.nextTime), guardsOf(trigger)])),
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
      : session.table([{ title: 'ENDPOINT' }, { title: 'MODEL VERSION' }, { title: 'FOLLOWS' }, { title: 'FEATURES', shrink: true }], endpoints.map(({ name, modelVersion, alias, featureService }) => [shortName(name), shortVersion(modelVersion), alias, featureService === '' ? 'in the request' : shortName(featureService)])),
  ].join('');
}

function startsOn({ kind, cron }: Trigger): string {
  const text = word(kind);
  return text === 'SCHEDULE' ? `schedule ${cron}` : `on ${text.toLowerCase().replace('_', ' ')}`;
}

const DAY_SECONDS = 86_400;

function guardsOf({ guards }: Trigger): string {
  if (!guards) return '';
  const cooldown = Number(guards.cooldownSeconds);
  return [
    cooldown === 0 ? '' : `${cooldown % DAY_SECONDS === 0 ? `${cooldown / DAY_SECONDS} d` : showSeconds(cooldown)} apart`,
    guards.minNewLabels === 0n ? '' : `${count(guards.minNewLabels)} new labels`,
    `${guards.maxConcurrent || 1} at a time`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
