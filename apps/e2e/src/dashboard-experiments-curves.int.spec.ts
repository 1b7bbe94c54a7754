import { Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSound, look as lookAt, openBrowser, saved, type Screen, SCREENS } from './browser.fixture.js';
import { type Home, startAll } from './start-all.js';

const STEPS = 20_000;
const SPIKE = 12_345;
/** Points went astray from here, so many. */
const ASTRAY = { from: 15_000, many: 500 };
const PARENT = 'experiments/long';

let home: Home;
let browser: Browser;
let long: string;
let short: string;
beforeAll(async () => {
  [home, browser] = await Promise.all([startAll(), openBrowser()]);
  await home.clients.registry.createExperiment({ experiment: { name: PARENT } });
  long = await begin('long', Array.from({ length: STEPS }, (_, step) => valueAt(step)));
  short = await begin('short', Array.from({ length: 40 }, (_, i) => 2 - i / 40), 500);
  for (const name of [long, short]) await home.clients.registry.finishRun({ name, state: Run_State.SUCCEEDED });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await home?.close();
}, 60_000);

const valueAt = (step: number): number => (step === SPIKE ? 9 : step >= ASTRAY.from && step < ASTRAY.from + ASTRAY.many ? Number.NaN : 1 + Math.cos(step / 1_500));

/** A run with these values of loss, one in so many steps. */
async function begin(displayName: string, values: readonly number[], every = 1): Promise<string> {
  const { registry } = home.clients;
  const { name } = await registry.createRun({ parent: PARENT, run: { displayName } });
  for (let from = 0; from < values.length; from += 10_000) await registry.logRun({ name, metrics: values.slice(from, from + 10_000).map((value, i) => ({ key: 'loss', step: BigInt((from + i) * every), value })) });
  return name;
}

const link = (runs: readonly string[], more = ''): string => `/${PARENT}?metric=loss${more}${runs.map((name) => `&run=${name.split('/').at(-1)}`).join('')}`;
const curves = (page: Page) => page.getByRole('figure').filter({ hasText: 'loss by step' });
const picture = (page: Page) => page.getByRole('group', { name: 'Steps:' });
const asked = (page: Page): readonly (string | null)[] => ['from', 'to'].map((name) => new URL(page.url()).searchParams.get(name));
const poll = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: 15_000 });

/** The figures of the table, and what is drawn, as [x, y] of each line. */
async function drawn(page: Page): Promise<{ readonly rows: readonly (readonly string[])[]; readonly lines: readonly (readonly (readonly number[])[])[] }> {
  const details = curves(page).locator('details');
  if (!(await details.evaluate((element) => (element as unknown as { readonly open: boolean }).open))) await details.getByText('Figures', { exact: true }).click();
  const rows = (await curves(page).locator('tbody').innerText()).split('\n').map((row) => row.split('\t').map((cell) => cell.trim()));
  const lines = await picture(page).locator('polyline').evaluateAll((all): string[] => all.map((line) => line.getAttribute('points') ?? ''));
  return { rows, lines: lines.map((line) => line.split(' ').map((place) => place.split(',').map(Number))) };
}

const look = (path: string, see: (page: Page) => Promise<void>, screen: Screen = SCREENS[0]): Promise<void> =>
  lookAt({ browser, url: `${home.httpAddress}${path}`, screen }, async (page) => {
    await picture(page).waitFor();
    await see(page);
  });

describe('the curves of long runs', () => {
  it('are drawn from the first step to the last with every spike, and say what is left out', () =>
    look(link([long, short]), async (page) => {
      expect(await curves(page).locator('figcaption').innerText()).toMatch(/20,040 points were measured; the highest and lowest of each stretch of steps are drawn, 1,\d\d\d in all, which table and CSV hold\. 500 points are NaN or infinite: the line has a gap there\./);
      const { rows, lines } = await drawn(page);
      const own = rows.filter(([run]) => run === 'long');
      expect([own[0]?.[1], own.at(-1)?.[1]]).toEqual(['0', String(STEPS - 1)]);
      expect(own).toContainEqual(['long', String(SPIKE), '9']);
      expect(own.length).toBeLessThanOrEqual(1_500);
      expect(rows.filter(([run]) => run === 'short')).toHaveLength(40);
      // The line reaches the top of the picture at the spike, both of its edges, and stops where values were no numbers.
      const [before, after, other] = lines;
      expect(lines).toHaveLength(3);
      expect(before?.find(([, y]) => y === 10)?.[0]).toBeCloseTo(58 + ((760 - 70) * SPIKE) / (STEPS - 1), 0);
      expect([before?.[0]?.[0], after?.at(-1)?.[0], other?.[0]?.[0]]).toEqual([58, 748, 58]);
      expect((after?.[0]?.[0] ?? 0) - (before?.at(-1)?.[0] ?? 0)).toBeCloseTo((690 * ASTRAY.many) / STEPS, -0.5);
    }));

  it('are drawn closer between two steps that are written, in full where they are few', () =>
    look(link([long, short]), async (page) => {
      await page.getByLabel('From step').fill('12400');
      await page.getByLabel('to step').fill('12300');
      await page.getByLabel('to step').press('Enter');
      expect(asked(page)).toEqual(['12300', '12400']);
      await poll(async () => (await drawn(page)).rows.length).toBe(101);
      const { metricPoints } = await home.clients.registry.getMetricCurve({ parent: long, key: 'loss', fromStep: 12_300n, toStep: 12_400n });
      expect((await drawn(page)).rows.map(([run, step]) => [run, step])).toEqual(metricPoints.map(({ step }) => ['long', String(step)]));
      expect(await curves(page).locator('figcaption').innerText()).not.toContain('measured;');
      const csv = (await saved(page, 'Save “loss by step” as CSV')).trim().split(/\r?\n/).slice(1);
      expect(csv).toEqual(metricPoints.map(({ step, value }) => `long,${step},${value}`));
      await page.getByRole('button', { name: 'All steps' }).click();
      expect(asked(page)).toEqual([null, null]);
      await poll(() => curves(page).locator('figcaption').innerText()).toContain('20,040 points');
    }));

  it('stand in a link with the steps that are looked at, and say where nothing was measured', async () => {
    await look(link([long], '&from=100&to=160'), async (page) => {
      expect(await Promise.all(['From step', 'to step'].map((label) => page.getByLabel(label).inputValue()))).toEqual(['100', '160']);
      expect((await drawn(page)).rows).toHaveLength(61);
      await page.getByLabel('From step').fill('30000');
      await page.getByLabel('to step').fill('');
      await page.getByLabel('to step').press('Enter');
      await page.getByText('Nothing was measured in these steps.').waitFor();
      await page.getByRole('button', { name: 'All steps' }).click();
      await picture(page).waitFor();
    });
  });

  it('are drawn closer by dragging across them', () =>
    look(link([long]), async (page) => {
      await picture(page).scrollIntoViewIfNeeded();
      const box = await picture(page).locator('.over').boundingBox();
      if (!box) throw new Error('There is no picture.');
      const x = (step: number): number => box.x + 58 + (690 * step) / (STEPS - 1);
      await page.mouse.move(x(15_000), box.y + 100);
      await page.mouse.down();
      await page.mouse.move(x(12_000), box.y + 120, { steps: 6 });
      expect(await picture(page).locator('.stretch').count()).toBe(1);
      // While it is dragged, nothing is asked.
      expect(asked(page)).toEqual([null, null]);
      await page.mouse.move(x(10_000), box.y + 110);
      await page.mouse.up();
      await poll(() => asked(page).every((step) => step !== null)).toBe(true);
      const [from, to] = asked(page).map(Number);
      expect(Math.abs((from ?? 0) - 10_000)).toBeLessThan(40);
      expect(Math.abs((to ?? 0) - 15_000)).toBeLessThan(40);
      await poll(async () => Number((await drawn(page)).rows[0]?.[1])).toBe(from);
      await picture(page).locator('.over').click({ position: { x: 300, y: 100 } });
      expect(asked(page)).toEqual([String(from), String(to)]);
    }));

  it('stand out one at a time where a pointer passes', () =>
    look(link([long, short]), async (page) => {
      await picture(page).scrollIntoViewIfNeeded();
      const box = await picture(page).locator('.over').boundingBox();
      if (!box) throw new Error('There is no picture.');
      const { lines } = await drawn(page);
      const at = async (place: readonly number[] | undefined): Promise<string> => {
        await page.mouse.move(box.x + (place?.[0] ?? 0), box.y + (place?.[1] ?? 0) + 3);
        await poll(() => picture(page).locator('.over polyline').count()).toBeGreaterThan(0);
        return curves(page).locator('.line-key [data-near]').innerText();
      };
      expect(await at(lines[0]?.find(([x]) => (x ?? 0) > 200))).toBe('long');
      expect(await at(lines[2]?.find(([x]) => (x ?? 0) > 150))).toBe('short');
      await page.mouse.move(box.x + 400, box.y - 20);
      await poll(() => picture(page).locator('.over polyline').count()).toBe(0);
    }));

  it('are gone through by keys', () =>
    look(link([long]), async (page) => {
      const press = async (key: string): Promise<readonly (string | null)[]> => {
        await picture(page).press(key);
        return asked(page);
      };
      expect(await press('+')).toEqual(['5000', '14999']);
      expect(await press('+')).toEqual(['7500', '12499']);
      expect(await press('ArrowRight')).toEqual(['8750', '13749']);
      expect(await press('ArrowLeft')).toEqual(['7500', '12499']);
      await poll(async () => [(await drawn(page)).rows[0]?.[1], (await drawn(page)).rows.at(-1)?.[1]]).toEqual(['7500', '12499']);
      expect(await press('-')).toEqual(['5000', '14999']);
      expect(await press('0')).toEqual([null, null]);
    }));

  it('grow while a run goes on, and are whole when it ends', async () => {
    const name = await begin('going', Array.from({ length: 3_000 }, (_, step) => step));
    await look(link([name]), async (page) => {
      await poll(async () => (await drawn(page)).rows.at(-1)?.[1]).toBe('2999');
      await home.clients.registry.logRun({ name, metrics: [{ key: 'loss', step: 3_000n, value: 7 }] });
      await poll(async () => (await drawn(page)).rows.at(-1)).toEqual(['going', '3000', '7']);
      expect(await curves(page).locator('figcaption').innerText()).toContain('3,001 points were measured');
      // It ends while other steps are looked at.
      await picture(page).press('+');
      await poll(async () => (await drawn(page)).rows[0]?.[1]).toBe('750');
      await home.clients.registry.logRun({ name, metrics: [{ key: 'loss', step: 3_001n, value: 8 }] });
      await home.clients.registry.finishRun({ name, state: Run_State.SUCCEEDED });
      await poll(() => page.locator('.runs .row').filter({ hasText: 'going' }).innerText()).toContain('succeeded');
      await picture(page).press('0');
      await poll(async () => (await drawn(page)).rows.at(-1)).toEqual(['going', '3001', '8']);
    });
  });

  it.each(SCREENS)('are sound, $name', (screen) =>
    look(
      link([long, short], '&from=9000'),
      async (page) => {
        await page.getByRole('button', { name: 'All steps' }).waitFor();
        await isSound(page);
      },
      screen,
    ),
  );
});
