import { randomUUID } from 'node:crypto';
import { Report_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MonitorHome, usual, VERSION } from './monitor-home.fixture.js';

let at: MonitorHome;
beforeAll(async () => void (at = await MonitorHome.start()));
afterAll(() => at.close());

describe('windows of event time', () => {
  it('begin on Mondays, and hold what happened within them, whatever order it came in', async () => {
    const s = await at.story();
    await s.predict(8, 3);
    await s.predict(0, 2);
    await s.predict(6.999, 1);
    await s.predict(7, 1);
    await s.seen(7);
    expect((await s.reports()).map(({ from, to, predictions, state }) => [from?.toISOString().slice(0, 10), to?.toISOString().slice(0, 10), predictions, state])).toEqual([
      ['2001-04-02', '2001-04-09', 3n, Report_State.OPEN],
      ['2001-04-09', '2001-04-16', 4n, Report_State.OPEN],
    ]);
  });

  it('close when event time has passed them by their lateness, and not before', async () => {
    const s = await at.story();
    await s.predict(0, 2);
    await s.predict(8.9, 1);
    await s.seen(3);
    expect((await s.reports()).map(({ state }) => state)).toEqual([Report_State.OPEN, Report_State.OPEN]);
    await s.predict(9.1, 1);
    await eventually('the first window to close', async () => (await s.reports())[0]?.state === Report_State.CLOSED);
    expect((await s.reports())[1]?.state).toBe(Report_State.OPEN);
  });

  it('count predictions and labels that come later, and leave them out', async () => {
    const s = await at.story();
    const timely = await s.predict(1, 3);
    await s.seen(3);
    await s.close(1);
    await s.predict(2, 2);
    await s.label(timely, 1);
    await s.seen(5, 3);
    expect((await s.reports())[0]).toMatchObject({ predictions: 3n, late: 2n, labels: 0n, lateLabels: 3n, performance: [] });
  });

  it('count a repeated event once, and a repeated prediction once', async () => {
    const s = await at.story();
    const one = s.record(usual(), 1);
    const [event, labels] = [randomUUID(), randomUUID()];
    await s.publish([one], event);
    await s.publish([one], event);
    await s.publish([one, s.record(usual(), 1)]);
    await s.label([one], 1, { id: labels });
    await s.label([one], 1, { id: labels });
    await s.publish([s.record(usual(), 1)]);
    await s.seen(3, 1);
    expect((await s.reports())[0]).toMatchObject({ predictions: 3n, labels: 1n, modelVersions: { [VERSION]: 3n } });
  });

  it('take labels that come before their predictions', async () => {
    const s = await at.story();
    const early = [s.record(usual(), 1), s.record(usual(), 8)];
    await s.label(early, 1);
    await s.predict(1, 1);
    await s.seen(1, 0);
    await s.publish(early);
    await s.seen(3, 2);
    expect((await s.reports()).map(({ labels }) => labels)).toEqual([1n, 1n]);
  });

  it('are judged once, when a person closes them', async () => {
    const s = await at.story();
    await s.predict(1, 4);
    await s.seen(4);
    expect(await s.close(0)).toEqual([]);
    expect((await s.close(1)).map(({ state, columns }) => [state, columns.map(({ column }) => column)])).toEqual([[Report_State.CLOSED, ['distance', 'origin']]]);
    expect(await s.close(1)).toEqual([]);
  });
});

