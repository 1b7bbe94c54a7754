import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { day, flightsCsv, LAST_DAY, lateFile } from './late-flights.js';
import type { Home } from './start-all.js';

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
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
}

/** Opens a page that is listened to. */
export async function openPage(context: BrowserContext, url: string): Promise<Watched> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('request', (request) => void (new URL(request.url()).origin !== new URL(url).origin && complaints.push(`asked ${request.url()}`)));
  await page.addInitScript({ content: AXE });
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { page, complaints };
}

/** What axe finds wrong, in words, with what is wrong where. */
export async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found, passes } = (await page.evaluate('axe.run(document)')) as AxeResults;
  if (passes.length < 10) throw new Error(`axe has looked at next to nothing: ${passes.length} rules passed.`);
  return found.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`);
}

/** So many pixels the page is wider than the window. */
export const overflow = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth - innerWidth');

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

/** Opens a place of the page in a browser of its own, does something there, and sees that nothing complained. */
export async function look({ browser, url, screen: { colorScheme, viewport } = SCREENS[0], expected = [] }: Place, see: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ colorScheme, viewport });
  const { page, complaints } = await openPage(context, url);
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await see(page);
  expect({ url, viewport, complaints: complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint))) }).toEqual({ url, viewport, complaints: [] });
  await context.close();
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

/** The file of the story: a window of a week, drift and labels watched. */
const FILE = lateFile({
  description: 'A small story.',
  watch: `monitor: { name: late, window: 7d, lateness: 2d, min_predictions: 20, drift: { ignore: [date] }, performance: { metric: log_loss, at_most: 5, min_labels: 20 } }
triggers:
  new-data: { on: new_data }
guards: { cooldown: 7d }
`,
});

/** Runs the pipeline over forty days of flights, asks its endpoint a hundred times in the week after them, tells what happened, and has the week judged. */
export async function tellSmallStory({ clients: { pipelines, inference, monitor }, directory }: Home): Promise<void> {
  writeFileSync(join(directory, 'flights.csv'), flightsCsv());
  await pipelines.applyPipeline({ source: FILE, basePath: directory });
  const { name } = await pipelines.createPipelineRun({ pipeline: 'pipelines/late' });
  for await (const { status } of pipelines.watchPipelineRun({ name })) if (status?.error) throw new Error(status.error.message);
  const hundred = Array.from({ length: 100 }, (_, i) => i);
  const row = (i: number) => ({ values: { origin: { kind: { $case: 'stringValue' as const, value: i % 2 === 0 ? 'ORD' : 'SEA' } }, distance: { kind: { $case: 'int64Value' as const, value: BigInt(2_000 + i) } } } });
  const { predictions } = await inference.predict({ endpoint: 'endpoints/late', rows: hundred.map(row), eventTimes: hundred.map((i) => day(LAST_DAY + 1 + i / 50)) });
  await inference.sendFeedback({ endpoint: 'endpoints/late', labels: predictions.map(({ id }, i) => ({ predictionId: id, value: i % 2 === 0 ? 1 : 0, knownTime: day(LAST_DAY + 4) })) });
  const observed = async (): Promise<bigint> => (await monitor.listReports({ parent: 'monitors/late' })).reports.reduce((sum, report) => sum + report.labels, 0n);
  await vi.waitFor(async () => expect(await observed()).toBe(100n), { timeout: 30_000, interval: 200 });
  await monitor.closeWindows({ name: 'monitors/late', through: day(LAST_DAY + 20) });
}
