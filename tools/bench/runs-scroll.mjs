import { countFrames, openChromium, VIEWPORT } from './chromium.mjs';
import { ALL, startServer } from './home.mjs';
import { inTurns } from './in-turns.mjs';
import { EACH, EXPERIMENT, homeOfRuns, RUNS } from './many-runs.mjs';

export const title = `scrolling the table of ${RUNS.toLocaleString('en-US')} runs × ${2 * EACH} columns in Chromium`;

/** Pixels a second, as a hand swipes; and how far: some 350 rows, and 50 columns. */
const WAYS = { down: { yDistance: -12_000, speed: 4_000 }, across: { xDistance: -7_000, speed: 2_500 } };

/** Frames that the page draws while the table is scrolled by a gesture, first down, then across. A frame is late when it takes longer than two at 60 a second. */
export async function run({ runs, say }) {
  const home = await startServer(ALL, { data: await homeOfRuns('runs-scroll', say) });
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.goto(`${home.http}/${EXPERIMENT}`);
    const { ours } = await inTurns({ ours: () => scroll(page) }, { runs, say });
    return Object.keys(WAYS).map((way) => ({
      id: `runs-scroll-${way}`,
      unit: 'frames/s',
      ours: ours[`${way} frames/s`],
      aim: { atLeast: 50 },
      note: `longest frame ${ours[`${way} longest ms`].toFixed(0)} ms, p95 ${ours[`${way} p95 ms`].toFixed(0)} ms`,
    }));
  } finally {
    await browser.close();
    await home.stop();
  }
}

async function scroll(page) {
  const grid = page.getByRole('grid', { name: 'Runs' });
  await grid.evaluate((element) => element.scrollTo(0, 0));
  await page.getByRole('rowheader', { name: `trial ${RUNS - 1}`, exact: false }).waitFor();
  const box = await grid.boundingBox();
  const at = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  const session = await page.context().newCDPSession(page);
  const figures = {};
  for (const [way, gesture] of Object.entries(WAYS)) {
    const counted = await countFrames(page, () => session.send('Input.synthesizeScrollGesture', { ...at, ...gesture, gestureSourceType: 'mouse' }));
    const moved = await grid.evaluate((element) => Math.max(element.scrollTop, element.scrollLeft));
    if (moved < 5_000) throw new Error(`The table was scrolled by ${moved} pixels ${way} only.`);
    for (const [figure, value] of Object.entries(counted)) figures[`${way} ${figure}`] = value;
  }
  await session.detach();
  return figures;
}
