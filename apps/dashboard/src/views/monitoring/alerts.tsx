import type { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useState } from 'react';
import { alertDeeds, monitorCalls } from '../../calls/monitor.js';
import { usePages } from '../../client/pages.js';
import { ActButton } from '../../parts/act-button.js';
import { Choice } from '../../parts/choice.js';
import { bare } from '../../parts/meaning.js';
import { More } from '../../parts/more.js';
import { Shown, State } from '../../parts/states.js';
import { Resource } from '../../router.js';
import { age, day, moment } from '../../text.js';
import { MuteButton } from './mute-button.js';

const STATES = { '': 'all', OPEN: 'open', ACKNOWLEDGED: 'acknowledged', RESOLVED: 'resolved' } as const;

/** Alerts, of one monitor or of all, newest first, with what can be done about each. */
export function Alerts({ monitor }: { readonly monitor?: string }) {
  const [state, want] = useState<keyof typeof STATES>('');
  const filter = [...(monitor === undefined ? [] : [`monitor=${monitor}`]), ...(state === '' ? [] : [`state=${state}`])].join(' AND ');
  const list = usePages((token) => monitorCalls.alertsWhere(filter, token));
  const alerts = list.pages.flatMap((page) => page.alerts);
  return (
    <section aria-labelledby="alerts">
      <h2 id="alerts">Alerts</h2>
      <Choice legend="State" of={STATES} chosen={state} choose={want} />
      <Shown answer={list.first} what="alerts">
        {() =>
          alerts.length === 0 ? (
            <p className="quiet">{state === '' ? 'None. A window beyond its limits raises one.' : `None that is ${STATES[state]}.`}</p>
          ) : (
            <ul className="alerts">
              {alerts.map((alert) => (
                <AlertRow key={alert.name} alert={alert} />
              ))}
            </ul>
          )
        }
      </Shown>
      <More of={list} shown={alerts.length} noun="alerts" />
    </section>
  );
}

function AlertRow({ alert }: { readonly alert: Alert }) {
  const { name, state, kind, message, eventTime, createTime, monitor, etag, muteUntil } = alert;
  const [settled, muted] = [bare(state) === 'RESOLVED', muteUntil !== undefined && muteUntil > new Date()];
  const about = `${bare(kind).toLowerCase()} at ${monitor.split('/')[1]}`;
  return (
    <li>
      <State of={state} {...(muted && !settled ? { tone: 'idle', word: `${bare(state).toLowerCase()}, muted` } : {})} />
      <div>
        <p>
          <b>{bare(kind).toLowerCase()}</b> at <Resource name={monitor} />, window until {day(eventTime)}
        </p>
        <p className="why">{message}</p>
        {muted && !settled ? <p className="why">Nobody is told until {moment(muteUntil)}.</p> : undefined}
        {settled ? undefined : (
          <div className="acts">
            {bare(state) === 'OPEN' ? <ActButton label="Acknowledge" to={about} deed={() => alertDeeds.acknowledge(name, etag)} /> : undefined}
            {muted ? <ActButton label="End the mute" to={about} deed={() => alertDeeds.mute(name, etag, undefined)} /> : <MuteButton about={about} deed={(until) => alertDeeds.mute(name, etag, until)} />}
            <ActButton label="Resolve" to={about} deed={() => alertDeeds.resolve(name, etag)} ask={{ title: 'Is this settled?', says: 'The alert is closed. A later window beyond its limits raises a new one.' }} />
          </div>
        )}
      </div>
      <time dateTime={createTime?.toISOString()}>{age(createTime)}</time>
    </li>
  );
}
