import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { isSound } from './browser.fixture.js';
import { openStage } from './stage.fixture.js';

const PAGE = 100;
const MADE = 210;

const stage = openStage(() => make('m', MADE));

async function make(letter: string, experiments: number): Promise<void> {
  for (let i = 0; i < experiments; i++) await stage.home.clients.registry.createExperiment({ experiment: { name: `experiments/${letter}${String(i).padStart(3, '0')}` } });
}

const open = (see: (page: Page) => Promise<void>, expected: readonly RegExp[] = []): Promise<void> => stage.look('/experiments', see, { expected });
const rows = (page: Page): Promise<string[]> => page.getByRole('region', { name: 'Experiments' }).getByRole('rowheader').allInnerTexts();
const stored = async (pageSize: number): Promise<string[]> => (await stage.home.clients.registry.listExperiments({ pageSize })).experiments.map(({ name }) => name.split('/')[1] ?? '');
const button = (page: Page) => page.locator('.more button');
const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.innerText');

describe('a list that is longer than its page', () => {
  it('keeps the place of a keyboard while more is on its way, and at its end', () =>
    open(async (page) => {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      let asked = 0;
      await page.route(/pageToken=/, async (route) => {
        asked++;
        await released;
        await route.continue();
      });
      expect(await rows(page)).toEqual(await stored(PAGE));
      await button(page).focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => button(page).innerText()).toBe('Reading more experiments …');
      expect(await button(page).getAttribute('aria-disabled')).toBe('true');
      expect(await focused(page)).toBe('Reading more experiments …');
      // Pressed once more, it asks nothing.
      await page.keyboard.press('Enter');
      expect(asked).toBe(1);
      release();
      await expect.poll(() => rows(page)).toEqual(await stored(2 * PAGE));
      expect(await focused(page)).toBe('Show more experiments');
      await page.keyboard.press('Enter');
      await expect.poll(() => rows(page)).toEqual(await stored(MADE));
      await expect.poll(() => focused(page)).toBe(`All ${MADE} are shown`);
      await isSound(page);
    }));

  it('says why a page did not come, keeps what is shown, and shows the page when it comes', () =>
    open(
      async (page) => {
        await page.route(/pageToken=/, (route) => route.abort());
        await button(page).click();
        await page.getByRole('alert').getByText('The home cannot be reached.').waitFor();
        expect(await rows(page)).toEqual(await stored(PAGE));
        await isSound(page);
        await page.unroute(/pageToken=/);
        await expect.poll(() => rows(page)).toEqual(await stored(2 * PAGE));
        expect(await page.getByRole('alert').count()).toBe(0);
      },
      [/^Failed to load resource/],
    ));

  it('shows no gap when the list grows at its top', () =>
    open(async (page) => {
      await button(page).click();
      await expect.poll(() => rows(page)).toEqual(await stored(2 * PAGE));
      const before = await rows(page);
      // The second page is slow, so that what stands between the two can be seen.
      await page.route(/pageToken=/, async (route) => {
        await page.waitForTimeout(1_000);
        await route.continue();
      });
      await make('a', 10);
      const after = await stored(2 * PAGE);
      expect(after.length).toBe(before.length);
      const seen = new Set<string>();
      await expect.poll(async () => {
        const shown = await rows(page);
        seen.add(shown.join());
        return shown;
      }).toEqual(after);
      expect([...seen].filter((shown) => shown !== before.join() && shown !== after.join())).toEqual([]);
    }));
});
