import { openChromium, VIEWPORT } from './chromium.mjs';
import { ALL, startServer, trainedHome } from './home.mjs';
import { inTurns } from './in-turns.mjs';

export const title = 'the first view of the page in Chromium, over the flights';

/** From the source to the monitor. */
const STATIONS = 7;

/** How long a person waits for the overview of a home with one pipeline: from the address until each station has its amount and nothing is still read; first by a window without any cache, then again. */
export async function run({ runs, say }) {
  const home = await startServer(ALL, { data: await trainedHome('first-view', say) });
  const browser = await openChromium();
  try {
    const { ours } = await inTurns({ ours: () => open(browser, home.http) }, { runs, say });
    return [
      { id: 'first-view', unit: 'ms', ours: ours.first, aim: { atMost: 1_500 }, note: `${ours.calls} questions, scripts of ${(ours.scripts / 1_000).toFixed(0)} kB over the wire (aim 250)` },
      { id: 'first-view-again', unit: 'ms', ours: ours.again },
    ];
  } finally {
    await browser.close();
    await home.stop();
  }
}

async function open(browser, url) {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  const first = await waitFor(page, url);
  const again = await waitFor(page, url);
  // Once more without what comes when there is time: the code of every other view.
  await page.addInitScript('globalThis.requestIdleCallback = () => 0;');
  await waitFor(page, url);
  const [scripts, calls] = await page.evaluate(() => {
    const loaded = globalThis.performance.getEntriesByType('resource');
    return [loaded.filter(({ name }) => name.endsWith('.js')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0), loaded.filter(({ name }) => name.includes('/v1/')).length];
  });
  if (scripts === 0 || calls === 0) throw new Error('The page has loaded nothing.');
  await context.close();
  return { first, again, scripts, calls };
}

async function waitFor(page, url) {
  const began = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction((stations) => {
    const amounts = [...globalThis.document.querySelectorAll('.station .amount b')].filter(({ textContent }) => /\d/.test(textContent));
    return amounts.length === stations && !globalThis.document.querySelector('.loading');
  }, STATIONS);
  return performance.now() - began;
}
