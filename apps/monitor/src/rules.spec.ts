import { type Alert, Alert_Kind, Alert_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Flight, MONDAY, MonitorHome, usual } from './monitor-home.fixture.js';

const DAY_MS = 86_400_000;
let at: MonitorHome;
beforeAll(async () => void (at = await MonitorHome.start()));
afterAll(() => at.close());

const told = ({ kind, state, message }: Alert): string => `${kind.replace('KIND_', '')} ${state.replace('STATE_', '')}: ${message}`;

describe('the drift rule', () => {
  const long = () => ({ ...usual(), distance: 900 + Math.random() * 99 });

  it('says nothing of a window that is like the reference', async () => {
    const s = await at.story({ drift: { psi: 0.25, minColumns: 1, ignore: [] } });
    await s.predict(1, 500);
    await s.seen(500);
    const [report] = await s.close(1);
    expect(report?.columns.every(({ drifted, degraded }) => !drifted && !degraded)).toBe(true);
    expect(await s.alerts()).toEqual([]);
    expect(await s.events(0)).toEqual([]);
  });

  it('opens one alert, refreshes it while it lasts, resolves it, and raises it anew', async () => {
    const s = await at.story({ drift: { psi: 0.25, minColumns: 1, ignore: [] } });
    let predictions = 0;
    const week = async (number: number, flight: () => Flight): Promise<void> => {
      await s.predict(7 * number + 1, 300, flight);
      await s.seen((predictions += 300));
      await s.close(number + 1);
    };
    await week(0, long);
    const [opened] = await s.alerts();
    expect(opened && told(opened)).toMatch(/^DRIFT OPEN: PSI beyond 0.25: distance \d+\.\d{3}$/);
    expect(opened).toMatchObject({ monitor: s.name, eventTime: new Date(MONDAY + 7 * DAY_MS), figures: { 'psi.distance': expect.any(Number) } });

    const acknowledged = await at.monitors.acknowledgeAlert({ name: opened?.name ?? '', etag: opened?.etag ?? '' });
    expect(acknowledged.state).toBe(Alert_State.ACKNOWLEDGED);
    await week(1, long);
    const [refreshed, ...others] = await s.alerts();
    expect(others).toEqual([]);
    expect(refreshed).toMatchObject({ name: opened?.name, state: Alert_State.ACKNOWLEDGED, eventTime: new Date(MONDAY + 14 * DAY_MS), createTime: opened?.createTime });
    expect(refreshed?.report).not.toBe(opened?.report);

    await week(2, usual);
    expect((await s.alerts()).map(told)).toEqual(['DRIFT RESOLVED: back within limits: PSI within 0.25']);
    await week(3, long);
    expect((await s.alerts()).map(({ state }) => state)).toEqual([Alert_State.RESOLVED, Alert_State.OPEN]);
    expect((await s.alerts(' AND state=OPEN'))).toHaveLength(1);
    expect(await s.events(5)).toEqual(['AlertRaised', 'AlertRaised', 'DriftDetected', 'DriftDetected', 'DriftDetected']);
  });

  it('does not look at columns that it is told to ignore, and asks for as many as it is told', async () => {
    for (const drift of [{ psi: 0.25, minColumns: 1, ignore: ['distance'] }, { psi: 0.25, minColumns: 2, ignore: [] }]) {
      const s = await at.story({ drift });
      await s.predict(1, 300, long);
      await s.seen(300);
      const [report] = await s.close(1);
      expect(report?.columns[0]?.distances['psi']).toBeGreaterThan(1);
      expect(await s.alerts()).toEqual([]);
    }
  });

  it('looks at the score too', async () => {
    const s = await at.story({ drift: { psi: 0.25, minColumns: 2, ignore: [] } });
    await s.predict(1, 300, () => ({ ...usual(), score: 0.01 }));
    await s.seen(300);
    await s.close(1);
    expect((await s.alerts()).map(told)).toEqual([expect.stringMatching(/^DRIFT OPEN: PSI beyond 0.25: score \d/)]);
  });

  it('keeps still with fewer predictions than it is told to judge by', async () => {
    const s = await at.story({ drift: { psi: 0.25, minColumns: 1, ignore: [] }, quality: { missingIncrease: 0, unseenShare: 0, ignore: [] }, minPredictions: 301n });
    await s.predict(1, 300, () => ({ distance: 999 }));
    await s.seen(300);
    await s.close(1);
    expect(await s.alerts()).toEqual([]);
  });
});

describe('the quality rule', () => {
  it('sees an input that has stopped arriving, which PSI cannot', async () => {
    const s = await at.story({ drift: { psi: 0.25, minColumns: 1, ignore: [] }, quality: { missingIncrease: 0, unseenShare: 0, ignore: [] } });
    await s.predict(1, 300, () => ({ score: usual().score }));
    await s.seen(300);
    const [report] = await s.close(1);
    expect(report?.columns.map(({ column, degraded, drifted, missingShare }) => ({ column, degraded, drifted, missingShare }))).toEqual([
      { column: 'distance', degraded: true, drifted: false, missingShare: 1 },
      { column: 'origin', degraded: true, drifted: false, missingShare: 1 },
    ]);
    const [alert, ...others] = await s.alerts();
    expect(others).toEqual([]);
    expect(alert?.kind).toBe(Alert_Kind.QUALITY);
    expect(alert && told(alert)).toBe('QUALITY OPEN: more missing than in the reference by more than 10 %: distance 100 % (there 0 %), origin 100 % (there 2 %)');
    expect(alert?.figures).toEqual({ 'missing.distance': 1, 'missing.origin': 1 });
  });

  it('sees texts that training never saw, and resolves when they are gone', async () => {
    const s = await at.story({ quality: { missingIncrease: 0, unseenShare: 0, ignore: [] } });
    let count = 0;
    await s.predict(1, 100, () => ({ ...usual(), origin: ++count % 10 === 0 ? 'NEW' : 'ORD' }));
    await s.seen(100);
    await s.close(1);
    expect((await s.alerts()).map(told)).toEqual(['QUALITY OPEN: unseen in more than 5 %: origin 10 %']);
    await s.predict(8, 100);
    await s.seen(200);
    await s.close(2);
    expect((await s.alerts()).map(told)).toEqual(['QUALITY RESOLVED: back within limits: at most 10 % more missing than in the reference, and 5 % unseen']);
    expect(await s.events(1)).toEqual(['AlertRaised']);
  });

  it('allows what is within its limits, ignores what it is told to, and is off without being asked for', async () => {
    let count = 0;
    const poor = () => ({ ...usual(), origin: ++count % 10 < 2 ? undefined : 'ORD' });
    for (const quality of [{ missingIncrease: 0.19, unseenShare: 1, ignore: [] }, { missingIncrease: 0.01, unseenShare: 0.01, ignore: ['origin'] }, undefined]) {
      const s = await at.story({ quality });
      await s.predict(1, 100, poor);
      await s.seen(100);
      const [report] = await s.close(1);
      expect(report?.columns[1]).toMatchObject({ column: 'origin', missingShare: 0.2, degraded: false });
      expect(await s.alerts()).toEqual([]);
    }
  });
});

describe('the performance rule', () => {
  it('raises an alert when the labels say so, with the interval in words', async () => {
    const s = await at.story({ performance: { metric: 'log_loss', threshold: 0.6, minLabels: 100n, wholeInterval: false } });
    await s.label(await s.predict(1, 200, () => ({ ...usual(), score: 0.9 })), 0);
    await s.seen(200, 200);
    const [report] = await s.close(1);
    expect(report?.performance.find(({ metric }) => metric === 'log_loss')?.value).toBeCloseTo(-Math.log(0.1), 6);
    expect((await s.alerts()).map(told)).toEqual(['PERFORMANCE OPEN: log_loss is 2.3026 (95 %: 2.3026 to 2.3026), at most 0.6 is asked for']);
    expect(await s.events(2)).toEqual(['AlertRaised', 'PerformanceDropped']);
  });

  it('asks the whole interval only when it is told to, and says nothing with too few labels', async () => {
    const rule = { metric: 'brier', threshold: 0.19, minLabels: 100n };
    const raised = [];
    for (const performance of [{ ...rule, wholeInterval: false }, { ...rule, wholeInterval: true }, { ...rule, minLabels: 101n, wholeInterval: false }]) {
      const s = await at.story({ performance });
      // Four of five scores are off by a half, the others by nothing: 0.2, and 0.1804 to 0.2196.
      await s.label([...(await s.predict(1, 80, () => ({ score: 0.5 }))), ...(await s.predict(1, 20, () => ({ score: 0 })))], 0);
      await s.seen(100, 100);
      const [report] = await s.close(1);
      expect(report?.performance.find(({ metric }) => metric === 'brier')).toMatchObject({ value: 0.2, low: expect.closeTo(0.1804, 4), high: expect.closeTo(0.2196, 4) });
      raised.push((await s.alerts()).length);
    }
    expect(raised).toEqual([1, 0, 0]);
  });
});
