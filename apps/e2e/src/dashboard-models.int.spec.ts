import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { isSound, saved, SCREENS } from './browser.fixture.js';
import { tellTwoVersions } from './dashboard-models.fixture.js';
import { openStage } from './stage.fixture.js';

const PARTS = ['', '/versions/2', '/versions/2/decisions', '/versions/2/slices', '/versions/2/inputs', '/versions/2/card', '/versions/2/compare/1'];

const stage = openStage(tellTwoVersions);

const count = (value: bigint | number): string => value.toLocaleString('en-GB');

/** What the trainer says of the model that the second version is. */
async function judged() {
  const { origin } = await stage.home.clients.registry.getModelVersion({ name: 'models/late/versions/2' });
  const evaluation = await stage.home.clients.trainer.getEvaluation({ name: origin?.evaluation ?? '' });
  const chosen = evaluation.rungs.at(-1);
  return { evaluation, thresholds: chosen?.thresholds ?? [], slices: chosen?.slices ?? [], metrics: chosen?.metrics ?? [], averagePrecision: chosen?.averagePrecision };
}

const champion = () => stage.home.clients.registry.getAlias({ name: 'models/late/aliases/champion' });
/** The cell of the only row of a table under a heading. */
const cellOf = async (page: Page, head: string): Promise<string> => {
  const heads = await page.getByRole('columnheader').allInnerTexts();
  return (await page.locator('tbody tr').locator('th, td').nth(heads.indexOf(head)).innerText()).replaceAll(/\s+/g, ' ').trim();
};
const fact = (page: Page, name: string): Promise<string> => page.locator('.facts > div', { has: page.locator('dt', { hasText: name }) }).first().locator('dd').innerText();

describe('the list of models', () => {
  it('says which version answers, and how good it is', async () => {
    const { metrics } = await stage.home.clients.registry.getModelVersion({ name: (await champion()).modelVersion });
    await stage.visit('/models', (page) => expect.poll(() => cellOf(page, 'Answers now')).toBe(`@champion version 2, AUC ${metrics['auc']?.toFixed(4)}`));
  });

  it.each([['/v1/models/late/aliases*', '✕ aliases could not be read'], ['/v1/models/late/versions?*', '@champion version 2 ✕ figures could not be read']])('says what it could not read where %s fails, and shows it once it can', (path, says) =>
    stage.look(
      '/',
      async (page) => {
        await page.route(`**${path}`, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"code":500,"status":"INTERNAL","message":"The disk is gone."}}' }));
        await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
        await expect.poll(() => cellOf(page, 'Answers now')).toBe(says);
        expect(await page.locator('.failure:visible').innerText()).toContain('The disk is gone.');
        await page.unroute(`**${path}`);
        await expect.poll(() => cellOf(page, 'Answers now'), { timeout: 10_000 }).toMatch(/^@champion version 2, AUC [.\d]+$/);
      },
      { expected: [/^Failed to load resource/] },
    ),
  );
});

describe('the parts of a version', () => {
  it.each(SCREENS)('are sound, $name', { timeout: 180_000 }, async (screen) => {
    for (const part of PARTS) await stage.visit(`/models/late${part}`, undefined, { screen });
  });

  it('are each at a place of their own, and say where there is none', () =>
    stage.look('/models/late/versions/2', async (page) => {
      for (const [title, end] of [['Decisions', '/decisions'], ['Slices', '/slices'], ['Inputs and proof', '/inputs'], ['Model card', '/card'], ['Compare', '/compare'], ['How good it is', '']] as const) {
        await page.getByRole('navigation', { name: 'Parts of version 2' }).getByRole('link', { name: title }).click();
        await page.getByRole('link', { name: title }).and(page.locator('[aria-current=page]')).waitFor();
        expect(new URL(page.url()).pathname).toBe(`/models/late/versions/2${end}`);
      }
      await page.goto(`${stage.home.httpAddress}/models/late/versions/2/nothing`);
      await page.getByRole('heading', { level: 1, name: 'Nothing here' }).waitFor();
    }));
});

describe('the curves of a version', () => {
  it('go through every threshold that the trainer counted, and their figures can be saved in full', async () => {
    const { thresholds, evaluation, averagePrecision } = await judged();
    expect(thresholds.length).toBeGreaterThan(20);
    await stage.look('/models/late/versions/2', async (page) => {
      const roc = await page.locator('.curve').first().locator('path.trace[data-chosen]').first().getAttribute('d');
      // One point a threshold, and the end at which nothing is positive.
      expect(roc?.match(/[ML]/g)?.length).toBe(thresholds.length + 1);
      expect(await page.locator('.curve').nth(1).locator('.legend li[data-chosen]').innerText()).toContain(averagePrecision?.toFixed(4));
      const lines = (await saved(page, 'Save “ROC and precision-recall” as CSV')).trimEnd().split('\r\n').map((line) => line.split(','));
      expect(lines[0]).toEqual(['Model', 'Threshold', 'False positive rate', 'Recall', 'Precision']);
      expect(lines.length - 1).toBe(evaluation.rungs.reduce((sum, rung) => sum + rung.thresholds.length + 1, 0));
      const own = lines.filter(([model]) => model === 'trees');
      thresholds.forEach(({ threshold, truePositives, falsePositives, falseNegatives, trueNegatives }, i) => {
        expect(own[i]?.slice(1)).toEqual([threshold, Number(falsePositives) / Number(falsePositives + trueNegatives), Number(truePositives) / Number(truePositives + falseNegatives), Number(truePositives) / Number(truePositives + falsePositives)].map(String));
      });
    });
  });
});

describe('the decisions of a version', () => {
  it('are those that the trainer counted at the threshold that is chosen', async () => {
    const { thresholds } = await judged();
    await stage.look('/models/late/versions/2/decisions', async (page) => {
      const slider = page.getByRole('slider');
      expect([await slider.getAttribute('min'), await slider.getAttribute('max')]).toEqual(['0', '1']);
      for (const place of [0, 7, Math.floor(thresholds.length / 2), thresholds.length - 1]) {
        const counts = thresholds[place];
        await slider.fill(String(counts?.threshold));
        expect(await page.locator('.threshold output').innerText()).toBe(counts?.threshold.toFixed(4));
        await expect.poll(() => page.locator('.confusion td b').allInnerTexts()).toEqual([counts?.truePositives, counts?.falseNegatives, counts?.falsePositives, counts?.trueNegatives].map((each) => count(each ?? -1n)));
        const [right, called, was] = [Number(counts?.truePositives), Number(counts?.truePositives) + Number(counts?.falsePositives), Number(counts?.truePositives) + Number(counts?.falseNegatives)];
        expect(await fact(page, 'Precision')).toBe((right / called).toFixed(4));
        expect(await fact(page, 'Recall')).toBe((right / was).toFixed(4));
      }
      await slider.fill('1');
      expect(await page.locator('.threshold output').innerText()).toBe('none positive');
      expect(await fact(page, 'Precision')).toBe('–');
    });
  });

  it('are all reached by keys from one to the next, and stand on the slider where they stand on the curve', async () => {
    const { thresholds } = await judged();
    await stage.look('/models/late/versions/2/decisions', async (page) => {
      const slider = page.getByRole('slider');
      await slider.press('Home');
      for (const { threshold } of thresholds) {
        expect([await slider.getAttribute('aria-valuetext'), Number(await slider.inputValue()).toFixed(4)]).toEqual([threshold.toFixed(4), threshold.toFixed(4)]);
        expect(Number.parseFloat((await page.locator('.cost-curve circle.now').getAttribute('cx')) ?? '')).toBeCloseTo(threshold * 100, 6);
        await slider.press('ArrowRight');
      }
      expect([await slider.getAttribute('aria-valuetext'), await slider.inputValue()]).toEqual(['none positive', '1']);
    });
  });

  it('cost what is said that errors cost, and least where the counts say so', async () => {
    const { thresholds } = await judged();
    const positives = thresholds[0]?.truePositives ?? 0n;
    const costs = [...thresholds.map(({ falsePositives, falseNegatives }) => Number(falsePositives) * 2 + Number(falseNegatives) * 7.5), Number(positives) * 7.5];
    const least = Math.min(...costs);
    await stage.look('/models/late/versions/2/decisions', async (page) => {
      await page.getByRole('spinbutton', { name: 'A false positive costs' }).fill('2');
      await page.getByRole('spinbutton', { name: 'A false negative costs' }).fill('7.5');
      await page.getByRole('button', { name: 'Go to the least cost' }).click();
      expect(await page.locator('.threshold output').innerText()).toBe(thresholds[costs.lastIndexOf(least)]?.threshold.toFixed(4) ?? 'none positive');
      expect((await fact(page, 'Cost')).replaceAll(',', '')).toBe(String(Number(least.toPrecision(6))));
      await page.getByRole('spinbutton', { name: 'A false negative costs' }).fill('');
      expect(await page.locator('.wrong').innerText()).toContain('the last one counts');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Home');
      expect((await fact(page, 'Cost')).replaceAll(',', '')).toBe(String(costs[0]));
    });
  });
});

it('shows every slice as the trainer judged it', async () => {
  const { slices, evaluation } = await judged();
  expect(slices.map(({ value }) => value).sort()).toEqual(['ATL', 'JFK', 'ORD', 'SEA']);
  expect(slices.reduce((sum, { rows }) => sum + rows, 0n)).toBe(evaluation.rows);
  await stage.look('/models/late/versions/2/slices', async (page) => {
    for (const [title, metric] of [['Log loss', 'log_loss'], ['AUC', 'auc'], ['Said and seen', undefined]] as const) {
      await page.getByRole('radio', { name: title }).check();
      for (const slice of slices) {
        const estimate = metric === undefined ? slice.observed : slice.metrics.find((each) => each.metric === metric);
        const cells = await page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: slice.value, exact: true }) }).getByRole('cell').allInnerTexts();
        const middle = metric === undefined ? [estimate?.value, slice.predicted] : [estimate?.value];
        expect(cells).toEqual([count(slice.rows), ...[...middle, estimate?.low, estimate?.high].map((each) => each?.toFixed(4))]);
      }
    }
  });
});

it('shows what goes in, and the proof that the same bits come out', async () => {
  const { signature, certificate } = await stage.home.clients.registry.getModelVersion({ name: 'models/late/versions/2' });
  await stage.look('/models/late/versions/2/inputs', async (page) => {
    for (const { column, required } of signature?.inputs ?? []) {
      const cells = await page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: column?.name ?? '', exact: true }) }).getByRole('cell').allInnerTexts();
      expect(cells[1]).toBe(required ? 'required' : 'may be missing');
    }
    expect(await page.getByRole('row', { name: /^origin text/ }).innerText()).toContain('ATL, JFK, ORD, SEA');
    expect([await fact(page, 'Rows'), await fact(page, 'Equal')]).toEqual([count(certificate?.rows ?? -1n), count(certificate?.equal ?? -1n)]);
    for (const [part, value] of Object.entries(certificate?.environment ?? {})) expect(await fact(page, part)).toBe(value);
  });
});

it('saves a model card that says what the services say', async () => {
  const { metrics, evaluation } = await judged();
  await stage.look('/models/late/versions/2/card', async (page) => {
    const card = await saved(page, 'Save as Markdown');
    expect(card).toContain('# late 2\n\n## Intended use\n\nTells which flights will be late.');
    expect(card).toContain(`Judged on ${count(evaluation.rows)} rows`);
    for (const { value, low, high } of metrics) expect(card).toContain(`| ${value.toFixed(4)} | ${low.toFixed(4)} to ${high.toFixed(4)} |`);
    const shown = await page.getByRole('article').innerText();
    for (const heading of card.matchAll(/^## (.*)$/gm)) expect(shown).toContain(heading[1]);
  });
});

it('sets two versions side by side', async () => {
  const [one, two] = await Promise.all(['1', '2'].map((version) => stage.home.clients.registry.getModelVersion({ name: `models/late/versions/${version}` })));
  const { evaluation } = await judged();
  await stage.look('/models/late/versions/2/compare/1', async (page) => {
    await page.getByRole('rowheader', { name: 'Judged on rows' }).waitFor();
    for (const [title, metric] of [['AUC', 'auc'], ['Log loss', 'log_loss']] as const) {
      const cells = await page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: title, exact: true }) }).getByRole('cell').allInnerTexts();
      expect(cells.slice(0, 2)).toEqual([two, one].map((version) => version?.metrics[metric]?.toFixed(4)));
    }
    // The first was the champion when the second was judged: there they meet on the same rows.
    const added = page.locator('section', { hasText: `What version 2 added to version 1, on the same ${count(evaluation.rows)} rows` });
    const against = evaluation.rungs.at(-1)?.differences.find(({ baseline, difference }) => baseline === 'champion' && difference?.metric === 'log_loss')?.difference;
    expect(await added.innerText()).toContain(`(95 %: ${against?.low.toFixed(4)} to ${against?.high.toFixed(4)}`);
  });
});

describe('an alias', () => {
  it('is rolled back with a reason, which the registry keeps and the endpoint follows', async () => {
    expect((await champion()).modelVersion).toBe('models/late/versions/2');
    await stage.look('/models/late', async (page) => {
      await page.getByRole('button', { name: 'Roll back to version 1' }).click();
      const dialog = page.getByRole('dialog', { name: 'Roll @champion back?' });
      await isSound(page);
      // Without a reason nothing is done.
      await dialog.getByRole('button', { name: 'Roll back to version 1' }).click();
      expect((await champion()).modelVersion).toBe('models/late/versions/2');
      await dialog.getByRole('textbox', { name: /^Why/ }).fill('late flights in March');
      await page.keyboard.press('Enter');
      await page.getByText('@champion points at version 1').waitFor();
      await dialog.waitFor({ state: 'detached' });
      const alias = await champion();
      expect([alias.modelVersion, alias.history.length, alias.history[0]?.reason]).toEqual(['models/late/versions/1', 3, 'late flights in March']);
      await page.getByText('How @champion moved: 3 moves').click();
      await page.getByText('late flights in March').waitFor();
    });
    await stage.look('/endpoints/late', async (page) => {
      await page.locator('.facts').getByRole('link', { name: 'late 1' }).waitFor();
    });
  });

  it('is pointed at a version that is chosen, and not where it has moved meanwhile', async () => {
    await stage.look(
      '/models/late',
      async (page) => {
        await page.getByRole('button', { name: 'Point at version 2' }).click();
        await page.getByRole('textbox', { name: /^Why/ }).fill('it is better');
        // Somebody else is faster, and the page has not heard of it.
        await page.route('**/aliases?**', (route) => route.abort());
        await stage.home.clients.registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/2', reason: 'faster' });
        await stage.home.clients.registry.rollBackAlias({ name: 'models/late/aliases/champion', reason: 'and back' });
        await page.getByRole('dialog').getByRole('button', { name: 'Point at version 2' }).click();
        expect(await page.getByRole('dialog').getByRole('alert').innerText()).toMatch(/^This was not done\./);
        expect((await champion()).modelVersion).toBe('models/late/versions/1');
        await page.unroute('**/aliases?**');
        await page.getByRole('button', { name: 'Leave it' }).click();
        await page.getByText('How @champion moved: 5 moves').waitFor();
        await page.getByRole('button', { name: 'Point at version 2' }).click();
        await page.getByRole('textbox', { name: /^Why/ }).fill('it is better');
        await page.keyboard.press('Enter');
        await page.getByText('@champion points at version 2').waitFor();
        expect((await champion()).history[0]).toMatchObject({ from: 'models/late/versions/1', to: 'models/late/versions/2', reason: 'it is better' });
      },
      { expected: [/^Failed to load resource/] },
    );
  });

  it('is new where a version is given a name', () =>
    stage.look('/models/late', async (page) => {
      await page.getByRole('button', { name: 'New alias' }).click();
      await page.getByRole('textbox', { name: /^Its name/ }).fill('shadow');
      await page.getByRole('combobox', { name: 'Version' }).selectOption({ label: 'version 1' });
      await page.getByRole('textbox', { name: /^Why/ }).fill('to be compared');
      await page.keyboard.press('Enter');
      await page.getByText('@shadow points at version 1').waitFor();
      expect((await stage.home.clients.registry.getAlias({ name: 'models/late/aliases/shadow' })).modelVersion).toBe('models/late/versions/1');
    }));
});
