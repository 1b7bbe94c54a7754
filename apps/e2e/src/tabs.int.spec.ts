import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { openStage } from './stage.fixture.js';

/** More tabs than a browser has connections to one origin. */
const TABS = 8;

const stage = openStage();

/** Tells a tab what a browser with a window tells it: that nobody looks at it any more, or again. */
const show = (page: Page, state: 'hidden' | 'visible'): Promise<void> =>
  page.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' }); document.dispatchEvent(new Event('visibilitychange'));`);

it('opens in any number of tabs: those that nobody looks at hold no connection, and one that is shown again hears of alerts again', () =>
  stage.look('/', async (first) => {
    let shown = first;
    for (let tabs = 1; tabs < TABS; tabs++) {
      await show(shown, 'hidden');
      shown = await first.context().newPage();
      await shown.goto(`${stage.home.httpAddress}/monitoring`);
      await shown.getByRole('heading', { level: 1 }).waitFor();
    }
    const heard = first.waitForResponse((response) => response.url().endsWith('/v1/alerts:watch'));
    await show(first, 'visible');
    expect((await heard).status()).toBe(200);
  }));
