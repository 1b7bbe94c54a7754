import { AlertRaised } from '@millrace/contracts/millrace/monitor/v1/events';
import { Alert_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { catalogue } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MonitorHome, MONDAY, type MonitorRules, usual, VERSION } from './monitor-home.fixture.js';

const DAY_MS = 86_400_000;
const week = { seconds: 604_800n };
let at: MonitorHome;
beforeAll(async () => void (at = await MonitorHome.start()));
afterAll(() => at.close());

const drifting = () => ({ ...usual(), distance: 999 });
const DRIFT: MonitorRules = { drift: { psi: 0.25, minColumns: 1 } };

/** A story whose first week has opened an alert. */
async function alarmed() {
  const s = await at.story(DRIFT);
  await s.predict(1, 50, drifting);
  await s.seen(50);
  await s.close(1);
  const [alert] = await s.alerts();
  if (!alert) throw new Error('No alert was opened.');
  return { s, alert };
}

describe('a monitor', () => {
  it('is made, changed, and left as it is when nothing changes', async () => {
    const monitor = { name: 'monitors/m', endpoint: 'endpoints/m', window: week, lateness: { seconds: 60n, nanos: 5e8 }, ...DRIFT };
    const made = await at.monitors.applyMonitor({ monitor });
    expect(made).toMatchObject({ etag: '1', lateness: { seconds: 60n, nanos: 5e8 }, drift: { psi: 0.25, minColumns: 1 }, quality: undefined, performance: undefined });
    expect(await at.monitors.applyMonitor({ monitor })).toEqual(made);
    const changed = await at.monitors.applyMonitor({ monitor: { ...monitor, quality: {}, performance: { metric: 'auc', threshold: 0.6 }, minPredictions: 5n } });
    expect(changed).toMatchObject({ etag: '2', createTime: made.createTime, quality: { missingIncrease: 0.1, unseenShare: 0.05 }, performance: { minLabels: 1_000n }, minPredictions: 5n });
    expect(await at.monitors.getMonitor({ name: 'monitors/m' })).toEqual(changed);
  });

  it.each<{ readonly wrong: MonitorRules; readonly why: string }>([
    { wrong: { endpoint: 'late' }, why: 'Monitor monitors/wrong is wrong at endpoint: "late" is not of the form endpoints/{endpoint}.' },
    { wrong: { window: { seconds: 30n } }, why: 'wrong at window: a window is at least a minute long' },
    { wrong: { lateness: { seconds: -1n } }, why: 'wrong at lateness: it cannot be negative' },
    { wrong: { drift: { psi: -1 } }, why: 'wrong at drift.psi: it must be positive' },
    { wrong: { drift: { minColumns: -1 } }, why: 'wrong at drift.min_columns: it must be at least 1' },
    { wrong: { quality: { missingIncrease: 1.5 } }, why: 'wrong at quality.missing_increase: it must be a share above 0 and at most 1' },
    { wrong: { quality: { unseenShare: -0.1 } }, why: 'wrong at quality.unseen_share: it must be a share' },
    { wrong: { performance: { metric: 'accuracy', threshold: 1 } }, why: 'wrong at performance.metric: "accuracy" is not one of auc, log_loss, brier, ece' },
    { wrong: { performance: { metric: 'auc', threshold: Number.NaN } }, why: 'wrong at performance.threshold: it must be a number' },
  ])('is refused with $why', async ({ wrong, why }) => {
    await expect(at.monitors.applyMonitor({ monitor: { name: 'monitors/wrong', endpoint: 'endpoints/m', window: week, ...wrong } })).rejects.toThrow(why);
    await expect(at.monitors.getMonitor({ name: 'monitors/wrong' })).rejects.toThrow('Monitor monitors/wrong does not exist; apply it first.');
  });
});

describe('a window', () => {
  it('tells how its inputs were spread beside the reference, the column that is asked for alone', async () => {
    const s = await at.story();
    await s.publish([...Array.from({ length: 30 }, () => s.record({ distance: 2_000, origin: 'SEA' }, 1)), ...Array.from({ length: 10 }, () => s.record({ distance: 0, origin: 'JFK' }, 1)), s.record({}, 1)]);
    await s.seen(41);
    const [report] = await s.reports();
    const { modelVersion, columns, score } = await at.monitors.getReportDistributions({ name: report?.name ?? '' });
    expect(modelVersion).toBe(VERSION);
    const [distance, origin] = columns;
    expect(distance).toMatchObject({ column: 'distance', windowMissing: 1n, referenceMissing: 0n, values: [] });
    expect([distance?.bounds.length, distance?.bounds.at(0), distance?.bounds.at(-1)]).toEqual([21, 0, 999]);
    expect([distance?.window.at(0), distance?.window.at(-1), distance?.window.reduce((sum, each) => sum + each, 0n)]).toEqual([10n, 30n, 40n]);
    expect(distance?.reference.reduce((sum, each) => sum + each, 0n)).toBe(1_000n);
    expect(origin).toMatchObject({ values: expect.arrayContaining(['ORD', 'ATL', 'SEA']), referenceMissing: 20n, windowMissing: 1n, windowOther: 10n });
    expect(origin?.window[origin.values.indexOf('SEA')]).toBe(30n);
    expect(score?.window.reduce((sum, each) => sum + each, 0n)).toBe(41n);
    expect((await at.monitors.getReportDistributions({ name: report?.name ?? '', columns: ['origin'] })).columns).toEqual([origin]);
  });

  it('tells how long its labels took, those that came before their predictions among them', async () => {
    const s = await at.story();
    const records = Array.from({ length: 10 }, () => s.record(usual(), 1));
    const knownAfter = (days: number) => new Date(MONDAY + (1 + days) * DAY_MS);
    await s.label(records.slice(0, 5), 1, { knownTime: knownAfter(2) });
    await s.publish(records);
    await s.seen(10, 5);
    expect((await s.reports())[0]?.labelDelay).toMatchObject({ labels: 5n, maxSeconds: 2 * 86_400 });
    await s.label(records.slice(5), 0, { knownTime: knownAfter(4) });
    await s.seen(10, 10);
    const delay = (await s.reports())[0]?.labelDelay;
    expect(delay).toMatchObject({ labels: 10n, maxSeconds: 4 * 86_400 });
    expect((delay?.medianSeconds ?? 0) / 86_400).toBeCloseTo(2, 1);
    expect((delay?.p90Seconds ?? 0) / 86_400).toBeCloseTo(4, 1);
  });
});

describe('what is not there', () => {
  it.each([
    { call: 'getReport', why: 'Report reports/none does not exist', ask: () => at.monitors.getReport({ name: 'reports/none' }) },
    { call: 'getReportDistributions', why: 'Report reports/none does not exist', ask: () => at.monitors.getReportDistributions({ name: 'reports/none' }) },
    { call: 'getAlert', why: 'Alert alerts/none does not exist', ask: () => at.monitors.getAlert({ name: 'alerts/none' }) },
    { call: 'listReports', why: 'Monitor monitors/none does not exist', ask: () => at.monitors.listReports({ parent: 'monitors/none' }) },
    { call: 'closeWindows', why: 'Say through which time', ask: () => at.monitors.closeWindows({ name: 'monitors/m' }) },
    { call: 'listAlerts', why: 'Filter term "kind=DRIFT"', ask: () => at.monitors.listAlerts({ filter: 'kind=DRIFT' }) },
  ])('is said of $call', async ({ ask, why }) => {
    await expect(ask()).rejects.toThrow(why);
  });
});

describe('an alert', () => {
  it('is acknowledged once, resolved once, and stays resolved', async () => {
    const { s, alert } = await alarmed();
    const acknowledged = await at.monitors.acknowledgeAlert({ name: alert.name, etag: alert.etag });
    expect(acknowledged.state).toBe(Alert_State.ACKNOWLEDGED);
    expect(await at.monitors.acknowledgeAlert({ name: alert.name, etag: 'old' })).toEqual(acknowledged);
    await expect(at.monitors.resolveAlert({ name: alert.name, etag: alert.etag })).rejects.toMatchObject({ reason: 'ALERT_CHANGED' });
    const resolved = await at.monitors.resolveAlert({ name: alert.name, etag: acknowledged.etag });
    expect(resolved.state).toBe(Alert_State.RESOLVED);
    await expect(at.monitors.acknowledgeAlert({ name: alert.name, etag: '' })).rejects.toMatchObject({ reason: 'ALERT_RESOLVED' });
    await s.predict(8, 50, drifting);
    await s.seen(100);
    await s.close(2);
    expect((await s.alerts()).map(({ state }) => state)).toEqual([Alert_State.RESOLVED, Alert_State.OPEN]);
  });

  it('tells nobody while it is muted, and tells again when that has ended', async () => {
    const { s, alert } = await alarmed();
    const until = new Date(Date.now() + 3_600_000);
    const muted = await at.monitors.muteAlert({ name: alert.name, etag: alert.etag, until });
    expect(muted).toMatchObject({ state: Alert_State.OPEN, muteUntil: until });
    expect(await at.monitors.muteAlert({ name: alert.name, etag: 'old', until })).toEqual(muted);
    await s.predict(8, 50, drifting);
    await s.seen(100);
    await s.close(2);
    const [refreshed] = await s.alerts();
    expect(refreshed).toMatchObject({ name: alert.name, muteUntil: until, eventTime: new Date(MONDAY + 14 * DAY_MS) });
    expect(await at.monitors.muteAlert({ name: alert.name })).toMatchObject({ muteUntil: undefined });
    await s.predict(15, 50, drifting);
    await s.seen(150);
    await s.close(3);
    const [first, , third] = await s.reports();
    expect(await s.toldDrift(third?.name ?? '')).toEqual([first?.name, third?.name]);
    await at.monitors.resolveAlert({ name: alert.name });
    await expect(at.monitors.muteAlert({ name: alert.name, until })).rejects.toMatchObject({ reason: 'ALERT_RESOLVED' });
  });

  it.each([
    { what: 'the past', until: () => new Date(Date.now() - 1_000) },
    { what: 'a time that is too far', until: () => new Date(Date.now() + 91 * DAY_MS) },
  ])('is not muted until $what', async ({ until }) => {
    const { alert } = await alarmed();
    await expect(at.monitors.muteAlert({ name: alert.name, until: until() })).rejects.toMatchObject({ reason: 'MUTE_TIME', message: expect.stringContaining('by at most 90 days') });
  });

  it('is told to those who follow its endpoint, and only to them', async () => {
    const controller = new AbortController();
    const s = await at.story(DRIFT);
    const seen: Record<string, Alert_State[]> = { [s.endpoint]: [], '': [], 'endpoints/other': [] };
    const following = Object.keys(seen).map(async (endpoint) => {
      for await (const alert of at.monitors.watchAlerts({ endpoint }, { signal: controller.signal })) seen[endpoint]?.push(alert.state);
    });
    await s.predict(1, 50, drifting);
    await s.seen(50);
    await s.close(1);
    const [alert] = await s.alerts();
    await at.monitors.resolveAlert({ name: alert?.name ?? '' });
    await eventually('both changes', async () => seen[s.endpoint]?.length === 2 && seen['']?.length === 2);
    expect(seen).toEqual({ [s.endpoint]: [Alert_State.OPEN, Alert_State.RESOLVED], '': [Alert_State.OPEN, Alert_State.RESOLVED], 'endpoints/other': [] });
    controller.abort();
    expect((await Promise.allSettled(following)).map((end) => end.status === 'rejected' && (end.reason as { readonly code?: string }).code)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
  });

  it('is told once to who comes back, with what changed since', async () => {
    const { s, alert } = await alarmed();
    const controller = new AbortController();
    const heard = at.monitors.watchAlerts({ endpoint: s.endpoint, changedSince: alert.updateTime }, { signal: controller.signal })[Symbol.asyncIterator]();
    expect((await heard.next()).value).toEqual(alert);
    const resolved = await at.monitors.resolveAlert({ name: alert.name });
    expect((await heard.next()).value).toEqual(resolved);
    const later = at.monitors.watchAlerts({ endpoint: s.endpoint, changedSince: new Date((resolved.updateTime?.getTime() ?? 0) + 1) }, { signal: controller.signal })[Symbol.asyncIterator]();
    const nothing = later.next();
    controller.abort();
    await expect(nothing).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is an event with the words and figures that decided', async () => {
    const { s, alert } = await alarmed();
    await s.events(2);
    const told: AlertRaised[] = [];
    for await (const record of at.home.bus.replay(catalogue.monitor.alertRaised.topic, { from: 0n })) if (record.headers['ce_type'] === catalogue.monitor.alertRaised.type) told.push(AlertRaised.decode(record.value));
    expect(told.filter((event) => event.alert?.name === alert.name)).toEqual([{ alert }]);
  });
});

describe('lists', () => {
  it('page through monitors, windows and alerts without a gap', async () => {
    const s = await at.story(DRIFT);
    for (const day of [1, 8, 15, 22]) await s.predict(day, 200, day % 2 === 1 ? drifting : usual);
    await s.seen(800);
    await s.close(4);
    const pages = async <T>(read: (token: string) => Promise<{ readonly rows: readonly T[]; readonly nextPageToken: string }>): Promise<readonly T[]> => {
      const rows: T[] = [];
      let token = '';
      do {
        const page = await read(token);
        expect(page.rows.length).toBeLessThanOrEqual(2);
        rows.push(...page.rows);
        token = page.nextPageToken;
      } while (token !== '');
      return rows;
    };
    const reports = await pages((pageToken) => at.monitors.listReports({ parent: s.name, pageSize: 2, pageToken }).then(({ reports: rows, nextPageToken }) => ({ rows, nextPageToken })));
    expect(reports.map(({ from }) => ((from?.getTime() ?? 0) - MONDAY) / 604_800_000)).toEqual([3, 2, 1, 0]);
    expect(await at.monitors.getReport({ name: reports[0]?.name ?? '' })).toEqual(reports[0]);
    const monitors = await pages((pageToken) => at.monitors.listMonitors({ pageSize: 2, pageToken }).then(({ monitors: rows, nextPageToken }) => ({ rows, nextPageToken })));
    expect(monitors.map(({ name }) => name)).toEqual(monitors.map(({ name }) => name).toSorted());
    expect(monitors.some(({ name }) => name === s.name)).toBe(true);
    const alerts = await pages((pageToken) => at.monitors.listAlerts({ pageSize: 2, pageToken }).then(({ alerts: rows, nextPageToken }) => ({ rows, nextPageToken })));
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
    expect((await at.monitors.listAlerts({ filter: `endpoint=${s.endpoint}` })).alerts).toHaveLength(2);
  });
});
