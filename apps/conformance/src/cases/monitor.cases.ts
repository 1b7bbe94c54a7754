import { Alert_Kind, Alert_State, Report_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { catalogue } from '@millrace/events';
import { expect } from 'vitest';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

const { driftDetected, performanceDropped, alertRaised } = catalogue.monitor;
const MONITOR = { name: 'monitors/calm', endpoint: 'endpoints/late', window: { seconds: 86_400n, nanos: 0 } };

/** Monitors, their reports and alerts. */
export const monitorCases = cases({
  'a monitor that is applied again stays, and is refused where it contradicts itself': async ({ monitor }) => {
    const first = await monitor.applyMonitor({ monitor: MONITOR });
    expect(await monitor.applyMonitor({ monitor: MONITOR })).toEqual(first);
    expect(await monitor.getMonitor({ name: MONITOR.name })).toEqual(first);
    expect(await refusalOf(monitor.applyMonitor({ monitor: { ...MONITOR, etag: '99' } }))).toMatchObject({ code: 'ABORTED', reason: 'MONITOR_CHANGED' });
    const places: readonly (readonly [string, object])[] = [
      ['window', { window: { seconds: 1n, nanos: 0 } }],
      ['endpoint', { endpoint: 'nonsense' }],
      ['drift.psi', { drift: { psi: -1 } }],
      ['performance.metric', { performance: { metric: 'luck', threshold: 1 } }],
      ['quality.unseen_share', { quality: { unseenShare: 2 } }],
    ];
    for (const [place, change] of places) expect(await refusalOf(monitor.applyMonitor({ monitor: { ...MONITOR, ...change } }))).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'monitor.millrace', reason: 'INVALID_MONITOR', metadata: { place } });
    expect(await refusalOf(monitor.applyMonitor({}))).toMatchObject({ reason: 'INVALID_NAME' });
    expect(await refusalOf(monitor.closeWindows({ name: MONITOR.name }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TIME_MISSING' });
  },
  'a window is judged by what was predicted and what really happened': async ({ monitor, inference }, world) => {
    const { reports, predictions } = await world.watched();
    expect(reports.map(({ state, predictions: count, labels }) => [state, count, labels])).toEqual([[Report_State.CLOSED, 60n, 60n], [Report_State.CLOSED, 60n, 60n]]);
    expect(predictions.length).toBe(120);
    for (const report of reports) expect(await monitor.getReport({ name: report.name })).toEqual(report);
    expect(reports[0]?.columns.find(({ column }) => column === 'distance')?.distances).toEqual(DISTANCES);
    expect(reports[0]).toMatchObject({ modelVersions: { [(await inference.getEndpoint({ name: 'endpoints/late' })).modelVersion]: 60n }, late: 0n });
  },
  'a window shows how it was spread, and how long its labels took': async ({ monitor }, world) => {
    const { reports } = await world.watched();
    const { columns } = await monitor.getReportDistributions({ name: reports[0]?.name ?? '', columns: ['distance'] });
    expect(columns.map(({ column, window }) => [column, window.reduce((sum, count) => sum + count, 0n)])).toEqual([['distance', 60n]]);
    expect(reports[0]?.labelDelay?.labels).toBe(60n);
  },
  'drift and bad performance open alerts that are told of, refreshed, looked after and resolved': async ({ monitor, events }, world) => {
    const { monitor: name, reports } = await world.watched();
    await events.await(driftDetected, ({ report }) => report?.monitor === name);
    await events.await(performanceDropped, ({ report }) => report?.monitor === name);
    const { alerts } = await monitor.listAlerts({ filter: `monitor=${name} AND state=OPEN` });
    expect(alerts.map(({ kind }) => kind).sort()).toEqual([Alert_Kind.DRIFT, Alert_Kind.PERFORMANCE]);
    for (const alert of alerts) {
      await events.await(alertRaised, (event) => event.alert?.name === alert.name);
      expect(alert).toMatchObject({ report: reports[0]?.name, endpoint: 'endpoints/late' });
      expect(await monitor.getAlert({ name: alert.name })).toEqual(alert);
      expect(await refusalOf(monitor.acknowledgeAlert({ name: alert.name, etag: '99' }))).toMatchObject({ code: 'ABORTED', reason: 'ALERT_CHANGED' });
      const known = await monitor.acknowledgeAlert({ name: alert.name, etag: alert.etag });
      expect(known.state).toBe(Alert_State.ACKNOWLEDGED);
      expect(await refusalOf(monitor.resolveAlert({ name: alert.name, etag: alert.etag }))).toMatchObject({ code: 'ABORTED', reason: 'ALERT_CHANGED' });
    }
    const [first] = alerts;
    const until = new Date(Date.now() + 60_000);
    expect(await refusalOf(monitor.muteAlert({ name: first?.name ?? '', until, etag: '99' }))).toMatchObject({ code: 'ABORTED', reason: 'ALERT_CHANGED' });
    const muted = await monitor.muteAlert({ name: first?.name ?? '', until, etag: (await monitor.getAlert({ name: first?.name ?? '' })).etag });
    expect(muted.muteUntil).toEqual(until);
    expect((await monitor.getAlert({ name: muted.name }))).toEqual(muted);
    expect(await refusalOf(monitor.muteAlert({ name: muted.name, until: new Date(0) }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'MUTE_TIME' });
    const told: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const alert of monitor.watchAlerts({ endpoint: 'endpoints/late' }, { signal: stop.signal })) {
        told.push(alert.name);
        return;
      }
    })();
    const { etag } = await monitor.getAlert({ name: first?.name ?? '' });
    // The stream begins some time after it was asked for; what changed before is not told, so the alert is changed until it is.
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    expect((await monitor.resolveAlert({ name: first?.name ?? '', etag })).state).toBe(Alert_State.RESOLVED);
    await watching;
    expect(told).toEqual([first?.name]);
    expect(await refusalOf(monitor.acknowledgeAlert({ name: first?.name ?? '' }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ALERT_RESOLVED' });
  },
  'a reference that cannot be read is named': async ({ monitor, objects }) => {
    const { digest } = await objects.put(Buffer.from('no reference'));
    expect(await refusalOf(monitor.applyMonitor({ monitor: { ...MONITOR, name: 'monitors/blind', reference: { digest } } }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'REFERENCE_UNREADABLE', metadata: { digest } });
  },
});

const WATCH_MS = 300;

/** How far the distances of the traffic lie from those of training, wherever it is measured. */
const DISTANCES = { psi: 8.797414554005394, jensen_shannon: 0.9270477816934397, ks: 0.9520000000000004, ks_p: 3.6219222828705357e-44, wasserstein: 1.61436957167896 };
