import { readFileSync } from 'node:fs';
import { type Alert, Alert_State } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { isSound, PHONE } from './browser.fixture.js';
import { tellSmallStory } from './dashboard.fixture.js';
import { openStage } from './stage.fixture.js';

/** Counts in the page the pixels of a picture for which an expression over `red`, `green`, `blue` and those of the `first` holds. */
const pixels = (page: Page, png: Buffer, condition: string): Promise<number> =>
  page.evaluate(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png.toString('base64')}';
    await image.decode();
    const drawing = new OffscreenCanvas(image.width, image.height).getContext('2d');
    drawing.drawImage(image, 0, 0);
    const { data } = drawing.getImageData(0, 0, image.width, image.height);
    const first = data.slice(0, 3);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, blue] = data.subarray(i, i + 3);
      if (${condition}) found++;
    }
    return found;
  })()`);
/** How many have the fill of an element. */
async function coloured(page: Page, png: Buffer, like: string): Promise<number> {
  const fill = await page.evaluate<string>(`getComputedStyle(document.querySelector('${like}')).fill`);
  const [red, green, blue] = fill.match(/\d+/g) ?? [];
  return pixels(page, png, `red === ${red} && green === ${green} && blue === ${blue}`);
}
const PNG = '89504e470d0a1a0a';

const stage = openStage(tellSmallStory);

const alerts = async (): Promise<readonly Alert[]> => (await stage.home.clients.monitor.listAlerts({})).alerts;
const newest = async () => (await stage.home.clients.monitor.listReports({ parent: 'monitors/late' })).reports.find(({ columns }) => columns.length > 0);
const count = (value: bigint): string => value.toLocaleString('en-GB');

describe('an input of a monitor', () => {
  it('is shown by every distance that its report holds, and spread as the API says', async () => {
    const report = await newest();
    const drift = report?.columns.find(({ column }) => column === 'distance');
    const { columns: [spread] } = await stage.home.clients.monitor.getReportDistributions({ name: report?.name ?? '', columns: ['distance'] });
    await stage.visit('/monitoring/late', async (page) => {
      await page.getByRole('link', { name: 'distance', exact: true }).click();
      await page.getByRole('heading', { name: 'distance', level: 1 }).waitFor();
      await page.getByRole('heading', { name: 'How it was spread' }).waitFor();
      const rows = page.getByRole('table', { name: /How it was spread/ }).getByRole('row');
      const shown = await rows.evaluateAll((all) => all.slice(1).map((row) => row.querySelector('td:last-child')?.textContent));
      expect(shown).toEqual([...(spread?.window ?? []), ...(spread && spread.windowMissing + spread.referenceMissing > 0n ? [spread.windowMissing] : [])].map(count));
      for (const [method, title] of [['psi', 'PSI'], ['ks', 'Kolmogorov–Smirnov'], ['wasserstein', 'Wasserstein']] as const) {
        await page.getByRole('radio', { name: title }).check();
        await page.getByText('Figures', { exact: true }).click();
        const cell = await page.getByRole('table', { name: `${title} by window: figures` }).getByRole('row').nth(1).getByRole('cell').first().innerText();
        expect(Number(cell)).toBeCloseTo(drift?.distances[method] ?? Number.NaN, 3);
        await page.getByText('Figures', { exact: true }).click();
      }
    });
  });

  it('is found by a link of its own, on a phone as well', () => stage.visit('/monitoring/late/inputs/origin_late_share', (page) => page.getByRole('heading', { name: 'How it was spread' }).waitFor(), { screen: PHONE }));

  it('says so where no window tells of it', () => stage.visit('/monitoring/late/inputs/nothing', async (page) => expect(await page.locator('.empty').innerText()).toContain('No window tells of nothing')));
});

describe('a figure', () => {
  it('is saved as a picture, and its figures in full as CSV', async () => {
    const report = await newest();
    await stage.visit('/monitoring/late', async (page) => {
      const save = async (name: string) => {
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
        return { file: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
      };
      const png = await save('Save “Realised log loss” as PNG');
      expect([png.file, png.bytes.subarray(0, 8).toString('hex')]).toEqual(['realised-log-loss.png', PNG]);
      // Twice as sharp as the screen, and drawn in the colours of the page.
      expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(1_000);
      expect(await coloured(page, png.bytes, '.series circle')).toBeGreaterThan(50);
      const csv = await save('Save “Realised log loss” as CSV');
      expect(csv.file).toBe('realised-log-loss.csv');
      const value = report?.performance.find(({ metric }) => metric === 'log_loss')?.value;
      const heat = await save('Save “PSI of every input by window” as PNG');
      const box = await page.evaluate("(({ offsetWidth, offsetHeight }) => [2 * offsetWidth, 2 * offsetHeight])(document.querySelector('.heat'))");
      expect([heat.bytes.readUInt32BE(16), heat.bytes.readUInt32BE(20)]).toEqual(box);
      expect(await pixels(page, heat.bytes, 'red !== first[0] || green !== first[1] || blue !== first[2]')).toBeGreaterThan(5_000);
      expect(csv.bytes.toString().split('\r\n').find((line) => line.startsWith(report?.from?.toISOString() ?? '?'))).toContain(`,${value},`);
    });
  });
});

describe('an alert', () => {
  it('is acknowledged, muted and resolved where it is shown', async () => {
    const [alert] = await alerts();
    const name = alert?.name ?? '';
    const now = () => stage.home.clients.monitor.getAlert({ name });
    await stage.visit('/monitoring', async (page) => {
      const row = page.locator('.alerts > li').first();
      await row.getByRole('button', { name: /^Acknowledge/ }).click();
      await row.getByText('acknowledged').waitFor();
      expect((await now()).state).toBe(Alert_State.ACKNOWLEDGED);

      await row.getByRole('button', { name: /^Mute/ }).click();
      await page.getByRole('dialog').getByRole('radio', { name: 'a day' }).check();
      await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click();
      await row.getByText('Nobody is told until').waitFor();
      const hours = (((await now()).muteUntil?.getTime() ?? 0) - Date.now()) / 3_600_000;
      expect(hours).toBeGreaterThan(23);
      expect(hours).toBeLessThanOrEqual(24);

      await row.getByRole('button', { name: /^Resolve/ }).click();
      await isSound(page);
      await page.keyboard.press('Escape');
      expect((await now()).state).toBe(Alert_State.ACKNOWLEDGED);
      await row.getByRole('button', { name: /^Resolve/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
      await row.getByText('resolved').waitFor();
      expect((await now()).state).toBe(Alert_State.RESOLVED);
      await page.getByRole('radio', { name: 'open', exact: true }).check();
      await expect.poll(() => page.locator('.alerts > li').count()).toBe((await alerts()).filter(({ state }) => state === Alert_State.OPEN).length);
    });
  });
});

describe('keys', () => {
  it('go to every view and tell of themselves, and are left alone where somebody types', () =>
    stage.visit('/', async (page) => {
      const title = page.getByRole('heading', { level: 1 });
      for (const [key, heading] of [['d', 'Data'], ['x', 'Experiments'], ['m', 'Models'], ['w', 'Monitoring'], ['o', 'Overview']] as const) {
        await page.keyboard.press('g');
        await page.keyboard.press(key);
        await expect.poll(() => title.innerText()).toBe(heading);
      }
      await page.keyboard.press('d');
      expect(await title.innerText()).toBe('Overview');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await isSound(page);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
    }));

  it('lead to anything by its name', () =>
    stage.visit('/', async (page) => {
      await page.keyboard.press('/');
      const box = page.getByRole('dialog').getByRole('combobox');
      await box.fill('late');
      await page.getByRole('option', { name: /late model/ }).waitFor();
      await isSound(page);
      await box.fill('late mon');
      await expect.poll(() => page.getByRole('option').allInnerTexts()).toEqual([expect.stringMatching(/late\s*monitor/)]);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'late', level: 1 }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/monitoring/late');
      await page.keyboard.press('Control+k');
      await box.fill('departures');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'departures', level: 1 }).waitFor();
      await page.keyboard.press('/');
      await box.fill('no such thing');
      expect(await page.getByRole('dialog').innerText()).toContain('Nothing has such a name.');
      await page.keyboard.press('Escape');
    }));
});
