import { type Run, Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSound, look as lookAt, openBrowser, type Screen, SCREENS } from './browser.fixture.js';
import { type Home, startAll } from './start-all.js';

const RUNS = 240;
const EACH = 30;
const PARENT = 'experiments/search';
const AT = '/experiments/search';

let home: Home;
let browser: Browser;
beforeAll(async () => {
  [home, browser] = await Promise.all([startAll(), openBrowser()]);
  await home.clients.registry.createExperiment({ experiment: { name: 'experiments/empty' } });
  await home.clients.registry.createExperiment({ experiment: { name: PARENT, description: 'A search over parameters.' } });
  for (let i = 0; i < RUNS; i++) await log(i);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await home?.close();
}, 60_000);

/** A run of three steps whose metrics follow from its number; each seventh has no accuracy. */
async function log(i: number): Promise<string> {
  const { registry } = home.clients;
  const params = { solver: ['adam', 'sgd', 'lbfgs'][i % 3] ?? '', ...Object.fromEntries(Array.from({ length: EACH }, (_, p) => [`p${p}`, String((i * 7 + p) % 50)])) };
  const { name } = await registry.createRun({ parent: PARENT, run: { displayName: `trial ${i}`, params } });
  const points = [0, 1, 2].flatMap((step) => [{ key: 'loss', step: BigInt(step), value: (((i * 37) % RUNS) + 1) / (step + 1) }, ...(i % 7 === 0 ? [] : [{ key: 'accuracy', step: BigInt(step), value: ((i * 11) % 97) / 100 }])]);
  const others = Array.from({ length: EACH }, (_, m) => ({ key: `m${m}`, step: 0n, value: i + m / 8 }));
  await registry.logRun({ name, metrics: [...points, ...others] });
  if (i % 5 !== 4) await registry.finishRun({ name, state: i % 10 === 0 ? Run_State.FAILED : Run_State.SUCCEEDED });
  return name;
}

const rowNames = (page: Page): Promise<string[]> => page.locator('.runs .row .lead-cell button').allInnerTexts();
const names = (runs: readonly Run[]): string[] => runs.map(({ displayName }) => displayName);
const find = async (asked: { readonly filter?: string; readonly orderBy?: string; readonly skip?: number; readonly pageSize?: number }) => home.clients.registry.listRuns({ parent: PARENT, pageSize: 1_000, ...asked });

const look = (path: string, see: (page: Page) => Promise<void>, screen: Screen = SCREENS[0], expected: readonly RegExp[] = []): Promise<void> => lookAt({ browser, url: `${home.httpAddress}${path}`, screen, expected }, see);

/** The table begins with these runs, as they stand in it from the top. */
async function begins(page: Page, expected: readonly string[]): Promise<void> {
  await poll(async () => (await rowNames(page)).slice(0, 12)).toEqual(expected.slice(0, 12));
}

/** The page asks anew every four seconds. */
const poll = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 15_000 });
const grid = (page: Page) => page.getByRole('grid', { name: 'Runs' });
const heading = (page: Page, name: string) => page.locator(`.heads [title="${name}"]`);
const chosenIn = (page: Page): string[] => new URL(page.url()).searchParams.getAll('run');

describe('the table of runs', () => {
  it('shows what the registry says, sorted by any heading, with those that have no value last', () =>
    look(AT, async (page) => {
      await begins(page, names((await find({})).runs));
      expect(await grid(page).getAttribute('aria-rowcount')).toBe(String(RUNS + 1));
      expect(await grid(page).getAttribute('aria-colcount')).toBe(String(1 + 3 + 2 * EACH + 3));
      await heading(page, 'metrics.accuracy').click();
      await begins(page, names((await find({ orderBy: 'metrics.accuracy desc' })).runs));
      expect(await heading(page, 'metrics.accuracy').getAttribute('aria-sort')).toBe('descending');
      await heading(page, 'metrics.accuracy').click();
      const { runs } = await find({ orderBy: 'metrics.accuracy' });
      await begins(page, names(runs));
      const accuracy = (run: Run | undefined): string => String(run?.metrics['accuracy']);
      const column = await heading(page, 'metrics.accuracy').getAttribute('aria-colindex');
      expect(await page.locator(`.runs .row[aria-rowindex="2"] [aria-colindex="${column}"]`).innerText()).toBe(accuracy(runs[0]));
      await grid(page).press('Control+End');
      await poll(() => page.locator(`.runs .row[aria-rowindex="${RUNS + 1}"] .lead-cell button`).innerText()).toBe(names(runs).at(-1));
      expect(runs.at(-1)?.metrics['accuracy']).toBeUndefined();
    }));

  it('shows the runs that fit a filter, and how many there are', () =>
    look(AT, async (page) => {
      const filter = 'params.solver = adam AND metrics.loss < 40 AND state != FAILED';
      await page.getByLabel('Only runs with').fill(filter);
      await page.getByLabel('Only runs with').press('Enter');
      const { runs, totalSize } = await find({ filter });
      expect(totalSize).toBeGreaterThan(3);
      expect(totalSize).toBeLessThan(RUNS);
      await begins(page, names(runs));
      expect(await grid(page).getAttribute('aria-rowcount')).toBe(String(totalSize + 1));
      expect(await page.locator('.heads .lead-cell').innerText()).toContain(`${totalSize} runs`);
      await page.getByRole('button', { name: 'All runs' }).click();
      await begins(page, names((await find({})).runs));
    }));

  it('shows the values of every column, however far away', () =>
    look(`${AT}?sort=display_name`, async (page) => {
      const { runs } = await find({ orderBy: 'display_name' });
      await begins(page, names(runs));
      await grid(page).evaluate((box) => box.scrollTo(box.scrollWidth, 100 * 34));
      const index = 1 + 3 + 2 * EACH + 3;
      const first = runs[104];
      await poll(() => page.locator(`.runs .row[aria-rowindex="106"] [aria-colindex="${index}"]`).innerText()).toBe(first?.params['solver']);
      await poll(() => page.locator(`.runs .row[aria-rowindex="106"] .lead-cell button`).innerText()).toBe(first?.displayName);
      // Only what is looked at is there.
      expect(await page.locator('.runs [role=gridcell]').count()).toBeLessThan(700);
    }));

  it('is gone through by keys: arrows move, space chooses, enter opens, and sorts by a heading', () =>
    look(AT, async (page) => {
      const { runs } = await find({});
      await begins(page, names(runs));
      await grid(page).focus();
      for (const key of ['ArrowDown', 'ArrowDown', 'Space']) await page.keyboard.press(key);
      expect(chosenIn(page)).toEqual([runs[2]?.name.split('/').at(-1)]);
      expect(await page.locator('.runs .row[aria-rowindex="4"]').getAttribute('aria-selected')).toBe('true');
      for (const key of ['PageDown', 'Space']) await page.keyboard.press(key);
      expect(chosenIn(page)).toHaveLength(2);
      const active = await grid(page).getAttribute('aria-activedescendant');
      expect(await page.locator(`#${active}`).isVisible()).toBe(true);
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('heading', { level: 2 }).waitFor();
      const row = Number(active?.split('-')[1]);
      await poll(() => dialog.getByRole('heading', { level: 2 }).innerText()).toBe(runs[row]?.displayName);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await grid(page).focus();
      for (const key of ['Control+Home', 'ArrowUp', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
      const by = new URL(page.url()).searchParams.get('sort') ?? '';
      expect(by).toBe('metrics.accuracy desc');
      await begins(page, names((await find({ orderBy: by })).runs));
    }));

  it('says why a filter cannot be read, and which column was meant', () =>
    look(
      AT,
      async (page) => {
        const write = async (filter: string): Promise<void> => {
          await page.getByLabel('Only runs with').fill(filter);
          await page.getByLabel('Only runs with').press('Enter');
        };
        await write('accuracy > 1');
        expect(await page.getByRole('alert').innerText()).toContain('"accuracy" is no field; give state, display_name');
        await write('metrics.acuracy > 0');
        await page.getByText('Did you mean metrics.accuracy?').waitFor();
        await page.getByText('No run fits').waitFor();
        await isSound(page);
      },
      SCREENS[0],
      [/status of 400/],
    ));

  it('shows a run that begins without being loaded anew', () =>
    look(`${AT}?filter=display_name+%3D+late`, async (page) => {
      await page.getByText('No run fits').waitFor();
      await home.clients.registry.createRun({ parent: PARENT, run: { displayName: 'late' } });
      await poll(() => rowNames(page)).toEqual(['late']);
    }));

  it('says that there is no run yet', () => look('/experiments/empty', async (page) => expect(await page.locator('.empty').innerText()).toContain('No run yet')));
});

describe('runs beside each other', () => {
  const chosen = async (): Promise<readonly Run[]> => (await find({ orderBy: 'metrics.loss', filter: 'metrics.accuracy:*', pageSize: 3 })).runs;
  const link = async (): Promise<string> => `${AT}?sort=metrics.loss&columns=metrics.loss&columns=params.solver&metric=accuracy&${(await chosen()).map(({ name }) => `run=${name.split('/').at(-1)}`).join('&')}`;

  it('stand in a link with all that was chosen', async () => {
    const runs = await chosen();
    await look(await link(), async (page) => {
      expect(await grid(page).getAttribute('aria-colcount')).toBe('6');
      await begins(page, names((await find({ orderBy: 'metrics.loss' })).runs));
      for (const { displayName } of runs) await page.getByRole('button', { name: `Let go of ${displayName}` }).waitFor();
      await page.getByRole('heading', { name: 'accuracy by step' }).waitFor();
    });
  });

  it('have their curves by step, point for point', async () => {
    const runs = await chosen();
    await look(await link(), async (page) => {
      const figure = page.getByRole('figure').filter({ hasText: 'accuracy by step' });
      await poll(() => figure.locator('polyline').count()).toBe(runs.length);
      await figure.getByText('Figures', { exact: true }).click();
      const shown = (await figure.getByRole('row').allInnerTexts()).slice(1).map((row) => row.split('\t').map((cell) => cell.trim()));
      const points = await Promise.all(runs.map(async ({ name, displayName }) => (await home.clients.registry.listMetricPoints({ parent: name, key: 'accuracy' })).metricPoints.map(({ step, value }) => [displayName, String(step), String(value)])));
      expect(shown).toEqual(points.flat());
    });
  });

  it('lie along axes, and any column stands against any metric', async () => {
    await look(`${await link()}&axes=params.solver&axes=metrics.loss&x=params.p3&y=metrics.m2`, async (page) => {
      const along = page.getByRole('figure').filter({ hasText: 'what came of it' });
      expect(await along.locator('.axis-title').allTextContents()).toEqual(['solver', 'loss']);
      expect(await along.locator('polyline').count()).toBe(3);
      await page.getByRole('heading', { name: 'Runs beside each other' }).scrollIntoViewIfNeeded();
      await page.mouse.wheel(0, 4_000);
      const against = page.getByRole('figure').filter({ hasText: 'm2 against p3' });
      const { runs } = await find({ filter: 'params.p3:* AND metrics.m2:*' });
      await poll(() => against.locator('.spots circle').count()).toBe(runs.length);
      expect(await against.locator('[data-chosen]').count()).toBe(3);
    });
  });

  it.each(SCREENS)('are sound, $name', async (screen) => {
    await look(
      await link(),
      async (page) => {
        await page.getByRole('figure').first().waitFor();
        await isSound(page);
        await page.mouse.wheel(0, 6_000);
        await page.getByRole('heading', { name: 'One against the other' }).waitFor();
        await page.getByRole('button', { name: 'Axes' }).click();
        await page.getByRole('dialog', { name: 'Axes' }).waitFor();
        await isSound(page);
      },
      screen,
    );
  });
});
