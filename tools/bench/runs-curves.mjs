import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { connect } from '@millrace/rpc';
import { countFrames, openChromium, VIEWPORT } from './chromium.mjs';
import { ALL, madeOnce, startServer } from './home.mjs';
import { inTurns } from './in-turns.mjs';

const RUNS = 12;
const POINTS = 100_000;
const AT_ONCE = 10_000;
const EXPERIMENT = 'experiments/long';

export const title = `curves of ${RUNS} runs × ${POINTS.toLocaleString('en-US')} points: asked for over HTTP, and pointed at in Chromium`;

/** How often the pointer goes across the picture and back, and in how many places it is seen each time. */
const WAYS = 6;
const PLACES = 40;

/** Each curve asked for alone and all at once, as the page does, and frames while a pointer wanders across the lines, so that one after the other stands out. */
export async function run({ runs, say }) {
  const data = await madeOnce(`curves-${RUNS}-${POINTS}`, 'curves', (home) => {
    say(`logging ${RUNS} runs of ${POINTS.toLocaleString('en-US')} points once`);
    return fill(home);
  });
  const home = await startServer(ALL, { data });
  const browser = await openChromium();
  try {
    const names = (await (await fetch(`${home.http}/v1/${EXPERIMENT}/runs`)).json()).runs.map(({ name }) => name);
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.goto(`${home.http}/${EXPERIMENT}?metric=loss${names.map((name) => `&run=${name.split('/').at(-1)}`).join('')}`);
    const { ours } = await inTurns({ ours: async () => ({ ...(await ask(home.http, names)), ...(await wander(page)) }) }, { runs, say });
    return [
      { id: 'runs-curves-one', unit: 'ms', ours: ours.one, aim: { atMost: 100 }, note: `of ${POINTS.toLocaleString('en-US')} points, ${Math.round(ours.drawn)} come` },
      { id: 'runs-curves-all', unit: 'ms', ours: ours.all, aim: { atMost: 1_000 }, note: `${RUNS} of them at once` },
      { id: 'runs-curves-hover', unit: 'frames/s', ours: ours['frames/s'], aim: { atLeast: 50 }, note: `longest frame ${ours['longest ms'].toFixed(0)} ms, p95 ${ours['p95 ms'].toFixed(0)} ms` },
    ];
  } finally {
    await browser.close();
    await home.stop();
  }
}

async function ask(http, names) {
  const curve = async (name) => {
    const { metricPoints, totalPoints } = await (await fetch(`${http}/v1/${name}/metricPoints:curve?key=loss&maxPoints=1500`)).json();
    if (Number(totalPoints) !== POINTS) throw new Error(`${name} has ${totalPoints} points.`);
    return metricPoints.length;
  };
  const began = performance.now();
  let drawn = 0;
  for (const name of names) drawn += await curve(name);
  const one = (performance.now() - began) / names.length;
  const then = performance.now();
  await Promise.all(names.map(curve));
  return { one, all: performance.now() - then, drawn: drawn / names.length };
}

async function wander(page) {
  const picture = page.getByRole('group', { name: 'Steps:' });
  await picture.locator('polyline').nth(RUNS - 1).waitFor({ state: 'attached' });
  await picture.scrollIntoViewIfNeeded();
  const box = await picture.boundingBox();
  await page.evaluate(() => {
    globalThis.seen = new Set();
    const look = () => {
      globalThis.seen.add(globalThis.document.querySelector('.curves .over polyline')?.getAttribute('points').slice(0, 40));
      globalThis.looking = globalThis.requestAnimationFrame(look);
    };
    globalThis.looking = globalThis.requestAnimationFrame(look);
  });
  const counted = await countFrames(page, async () => {
    for (let way = 0; way < WAYS; way++) {
      for (let i = 0; i <= PLACES; i++) {
        const share = (way % 2 === 0 ? i : PLACES - i) / PLACES;
        await page.mouse.move(box.x + 60 + share * 620, box.y + 20 + 200 * ((i * 7 + way) % PLACES) / PLACES);
      }
    }
  });
  const lines = await page.evaluate(() => (globalThis.cancelAnimationFrame(globalThis.looking), globalThis.seen.size));
  if (lines < RUNS / 2) throw new Error(`The pointer met ${lines} lines only.`);
  return counted;
}

async function fill({ grpc }) {
  const registry = connect(RegistryServiceDefinition, grpc);
  try {
    await registry.createExperiment({ experiment: { name: EXPERIMENT } });
    for (let i = 0; i < RUNS; i++) {
      const { name } = await registry.createRun({ parent: EXPERIMENT, run: { displayName: `trial ${i}` } });
      // Curves that lie apart, each with some noise that follows from the step.
      const value = (step) => i + Math.exp(-step / 30_000) + Math.sin(step * 12.9898) / 5;
      for (let from = 0; from < POINTS; from += AT_ONCE) await registry.logRun({ name, metrics: Array.from({ length: AT_ONCE }, (_, j) => ({ key: 'loss', step: BigInt(from + j), value: value(from + j) })) });
      await registry.finishRun({ name, state: 'STATE_SUCCEEDED' });
    }
  } finally {
    registry.close();
  }
}
