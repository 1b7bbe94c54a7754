import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { tellSmallStory } from './dashboard.fixture.js';
import { openStage } from './stage.fixture.js';

const stage = openStage(tellSmallStory);
const WHY = 'A fault was planted.';
const AWAY = 'What you see may be old. The home cannot be reached. Is it still running? UNAVAILABLE';
const VIEWS = ['/', '/data', '/data/flights', '/data/flights/versions/1/rows', '/features', '/features/departures', '/services/late', '/pipelines', '/pipelines/late', '/runs/RUN', '/experiments', '/experiments/late', '/models', '/models/late', '/models/late/versions/1', '/models/late/versions/1/card', '/endpoints', '/endpoints/late', '/endpoints/late/try', '/endpoints/late/predictions/PREDICTION', '/monitoring', '/monitoring/late', '/monitoring/late/inputs/distance'];
/** The frame asks for it in every view. */
const FRAME = '/v1/alerts?pageSize=100&filter=state%3DOPEN';

/** A place with the newest run and prediction in it. */
async function placeOf(view: string): Promise<string> {
  const [{ pipelineRuns }, { predictions }] = await Promise.all([stage.home.clients.pipelines.listPipelineRuns({}), stage.home.clients.inference.listPredictions({ parent: 'endpoints/late', pageSize: 1 })]);
  return view.replace('RUN', pipelineRuns[0]?.name.split('/')[1] ?? '').replace('PREDICTION', predictions[0]?.record?.id ?? '');
}

const withoutBody = (url: string): string => url.replace(/#.*/s, '');

/** What a page has asked, streams aside. */
const asked = (page: Page): Promise<readonly string[]> => page.evaluate("[...new Set(performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/v1/') && !name.includes(':watch')))]");

it.each(VIEWS)('%s says so, whichever of its questions is not answered', { timeout: 120_000 }, async (view) => {
  const path = await placeOf(view);
  await stage.look(
    path,
    async (page) => {
      const questions = (await asked(page)).filter((url) => path === '/' || !url.endsWith(FRAME));
      expect(questions.length).toBeGreaterThan(0);
      const silent: string[] = [];
      for (const url of questions) {
        // What is asked with a body has it behind its address, and no pattern holds that.
        const isAsked = (each: URL): boolean => withoutBody(each.href) === withoutBody(url);
        await page.route(isAsked, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ error: { code: 500, status: 'INTERNAL', message: WHY, details: [] } }) }));
        await page.goto(`${stage.home.httpAddress}${path}`);
        const said = await page.locator('.failure:visible', { hasText: WHY }).first().waitFor({ timeout: 5_000 }).then(() => true, () => false);
        if (!said) silent.push(url.slice(stage.home.httpAddress.length));
        await page.unroute(isAsked);
      }
      expect(silent).toEqual([]);
    },
    { expected: [/^Failed to load resource.*500/] },
  );
});

it.each([
  ['/data/flights/versions/1', '/v1/trainingSets?', 'Nobody yet', 'training set'],
  ['/features/departures', '/v1/featureServices', 'No feature service names it', 'all features'],
  ['/monitoring', '/v1/alerts?pageSize=100', 'none open', '1 open'],
  ['/pipelines', '/v1/pipelineRuns?pageSize=100', 'never', 'succeeded'],
])('%s claims nothing of what is still read', (path, question, claim, truth) =>
  stage.look(path, async (page) => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let held = 0;
    await page.route((url) => url.href.includes(question), async (route) => {
      held++;
      await released;
      await route.continue();
    });
    await page.goto(`${stage.home.httpAddress}${path}`);
    await expect.poll(() => held).toBeGreaterThan(0);
    // Time for everything else to be read.
    await page.waitForTimeout(1_000);
    expect(await page.locator('main').innerText()).not.toContain(claim);
    release();
    await page.locator('main').getByText(truth).first().waitFor();
    expect(await page.locator('main').innerText()).not.toContain(claim);
  }),
);

it.each(['/', '/monitoring/late'])('%s says once that the home is away, keeps what was there, and says nothing any more once it is back', (path) =>
  stage.look(
    path,
    async (page) => {
      const failures = page.locator('.failure:visible');
      const rows = await page.locator('main h2').count();
      await page.route('**/v1/**', (route) => route.abort('connectionrefused'));
      await expect.poll(() => failures.allInnerTexts()).toEqual([AWAY]);
      expect(await page.locator('main h2').count()).toBe(rows);
      await page.unroute('**/v1/**');
      await expect.poll(() => failures.count()).toBe(0);
    },
    { expected: [/Failed to load resource/] },
  ),
);
