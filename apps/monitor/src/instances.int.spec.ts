import { Alert_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { eventually, type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MonitorHome, usual } from './monitor-home.fixture.js';

let servers: SharedServers;
let first: MonitorHome;
let second: MonitorHome;
beforeAll(async () => {
  servers = await useSharedServers();
  Object.assign(process.env, servers.env);
  first = await MonitorHome.start({ env: servers.env });
  second = await MonitorHome.start({ env: servers.env });
}, 60_000);
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await servers.drop();
});

const drifting = () => ({ ...usual(), distance: 999 });

it('counts every prediction and label once, whichever instance reads it, and raises one alert that followers of both hear of', async () => {
  const story = await first.story({ drift: { psi: 0.25, minColumns: 1 } });
  const leave = new AbortController();
  const heard: Record<string, Alert_State[]> = { first: [], second: [] };
  const following = Object.entries({ first, second }).map(async ([name, { monitors }]) => {
    for await (const alert of monitors.watchAlerts({ endpoint: story.endpoint }, { signal: leave.signal })) heard[name]?.push(alert.state);
  });
  for (let batch = 0; batch < 10; batch++) await story.label(await story.predict(1, 20, drifting), batch % 2);
  await story.seen(200, 200);
  // Both close the same window at the same time: it is judged once.
  const through = new Date(Date.UTC(2001, 3, 9));
  const closed = await Promise.all([first, second].map(({ monitors }) => monitors.closeWindows({ name: story.name, through })));
  expect(closed.flatMap(({ reports }) => reports)).toHaveLength(1);
  const alerts = await story.alerts();
  expect(alerts.map(({ state }) => state)).toEqual([Alert_State.OPEN]);
  await second.monitors.resolveAlert({ name: alerts[0]?.name ?? '' });
  await eventually('both changes at both instances', async () => heard['first']?.length === 2 && heard['second']?.length === 2);
  expect(heard).toEqual({ first: [Alert_State.OPEN, Alert_State.RESOLVED], second: [Alert_State.OPEN, Alert_State.RESOLVED] });
  leave.abort();
  await Promise.allSettled(following);
  expect(await story.events(2)).toEqual(['AlertRaised', 'DriftDetected']);
}, 60_000);
