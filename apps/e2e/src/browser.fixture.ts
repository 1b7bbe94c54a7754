import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Without a sandbox, which root cannot have, and without anything that a browser asks of its own accord. */
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Given to pages before their own scripts: their policy lets in nothing later. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts the browser that `npm run test:cluster` names. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['MILLRACE_TEST_CHROMIUM'];
  if (!executablePath) throw new Error('MILLRACE_TEST_CHROMIUM must name a Chromium; npm run test:cluster sets it.');
  return chromium.launch({ executablePath, args: ARGS });
}

/** What a page complained of: errors of its console, scripts that broke, answers from elsewhere. */
interface Watched {
  readonly page: Page;
  readonly complaints: string[];
}

/** Windows stay open, one for each screen: to open one takes longer than what is looked at in it. */
const windows = new WeakMap<Browser, Map<string, Watched>>();

/** A window of its own, listened to. */
async function openWindow(browser: Browser, { colorScheme, viewport }: Screen): Promise<Watched> {
  const context = await browser.newContext({ colorScheme, viewport });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('request', (request) => void (new URL(request.url()).origin !== new URL(page.url()).origin && !request.isNavigationRequest() && complaints.push(`asked ${request.url()}`)));
  await page.addInitScript({ content: AXE });
  return { page, complaints };
}

/** What axe finds wrong, in words, with what is wrong where. */
export async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found, passes } = (await page.evaluate('axe.run(document)')) as AxeResults;
  if (passes.length < 10) throw new Error(`axe has looked at next to nothing: ${passes.length} rules passed.`);
  return found.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`);
}

/** So many pixels the page is wider than the window. */
const overflow = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth - innerWidth');

/** A phone that is held upright. */
export const PHONE: Screen = { colorScheme: 'light', viewport: { width: 390, height: 844 } };
/** The screens on which every view is looked at: each colour scheme and each width once, for the look of one hardly hangs on the other. */
export const SCREENS = [
  { name: 'light and wide', colorScheme: 'light', viewport: { width: 1_360, height: 900 } },
  { name: 'dark on a phone', colorScheme: 'dark', viewport: PHONE.viewport },
] as const;

/** A window of a browser. */
export interface Screen {
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

/** Where a spec looks, and how. */
export interface Place {
  readonly browser: Browser;
  readonly url: string;
  readonly screen?: Screen;
  /** What may be complained of: the browser itself tells of answers that are failures. */
  readonly expected?: readonly RegExp[];
}

/** Opens a place in a window, does something there, and sees that nothing complained. */
export async function look({ browser, url, screen = SCREENS[0], expected = [] }: Place, see: (page: Page) => Promise<void>): Promise<void> {
  const open = windows.get(browser) ?? new Map<string, Watched>();
  windows.set(browser, open);
  const key = JSON.stringify([screen.colorScheme, screen.viewport]);
  const { page, complaints } = open.get(key) ?? (await openWindow(browser, screen));
  // A spec that fails half-way leaves a window that nobody uses again.
  open.delete(key);
  // What the place before complained of as it was left is no complaint of this one.
  page.once('framenavigated', () => void complaints.splice(0));
  await page.goto(url);
  await page.mouse.move(0, 0);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await see(page);
  expect({ url, screen, complaints: complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint))) }).toEqual({ url, screen, complaints: [] });
  await page.unrouteAll({ behavior: 'wait' });
  await page.evaluate('localStorage.clear(), sessionStorage.clear()');
  open.set(key, { page, complaints });
}

/** Saves what a button saves, and gives its text. */
export async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFileSync(await download.path(), 'utf8');
}

/** Sees that axe finds nothing wrong with a page, and that nothing reaches beyond the window. */
export async function isSound(page: Page): Promise<void> {
  expect({ at: page.url(), violations: await violations(page), overflow: await overflow(page) }).toEqual({ at: page.url(), violations: [], overflow: 0 });
}

/** Looks at a place, does something there, and sees that it is sound then. */
export const visit = (place: Place, see: (page: Page) => Promise<void>): Promise<void> =>
  look(place, async (page) => {
    await see(page);
    await isSound(page);
  });
