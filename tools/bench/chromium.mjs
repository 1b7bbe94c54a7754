import { chromium } from 'playwright-core';
import { chromiumProgram } from '../servers/chromium.mjs';
import { percentile } from './in-turns.mjs';

/** Without a graphics card and without a sandbox, as the specs of the page start it. */
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** The window of every benchmark of the page. */
export const VIEWPORT = { width: 1_360, height: 900 };

/** A browser that has looked at nothing yet. */
export const openChromium = () => chromium.launch({ executablePath: chromiumProgram(), args: ARGS });

/** Frames that a page draws while something is done to it: how many a second, and how long they were. */
export async function countFrames(page, act) {
  await page.evaluate(() => {
    globalThis.frames = [];
    const note = (time) => {
      globalThis.frames.push(time);
      globalThis.noting = globalThis.requestAnimationFrame(note);
    };
    globalThis.noting = globalThis.requestAnimationFrame(note);
  });
  await act();
  const times = await page.evaluate(() => (globalThis.cancelAnimationFrame(globalThis.noting), globalThis.frames));
  const waits = times.slice(1).map((time, i) => time - times[i]);
  return { 'frames/s': (waits.length * 1_000) / (times.at(-1) - times[0]), 'longest ms': Math.max(...waits), 'p95 ms': percentile(waits, 0.95) };
}
