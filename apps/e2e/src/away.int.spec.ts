import { expect, it } from 'vitest';
import { tellSmallStory } from './dashboard.fixture.js';
import { openStage } from './stage.fixture.js';

const stage = openStage(tellSmallStory);
const AWAY = 'What you see may be old. The home cannot be reached. Is it still running? UNAVAILABLE';

it.each(['/', '/monitoring/late', '/pipelines/late', '/data/flights'])('says once at %s that the home is away, keeps what was there, and says nothing any more once it is back', (path) =>
  stage.look(
    path,
    async (page) => {
      const failures = page.locator('.failure:visible');
      const rows = await page.locator('main h2').count();
      await page.route('**/v1/**', (route) => route.abort('connectionrefused'));
      await expect.poll(() => failures.allInnerTexts(), { timeout: 15_000 }).toEqual([AWAY]);
      expect(await page.locator('main h2').count()).toBe(rows);
      await page.unroute('**/v1/**');
      await expect.poll(() => failures.count(), { timeout: 15_000 }).toBe(0);
    },
    { expected: [/Failed to load resource/] },
  ),
);
