import { readFileSync } from 'node:fs';
import type { EndpointTraffic, VersionTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSound, look as lookAt, openBrowser, type Place, SCREENS } from './browser.fixture.js';
import { tellTwoVersions } from './dashboard-models.fixture.js';
import { type Home, startAll } from './start-all.js';

const PARTS = ['/models/late', '/models/late/versions/2', '/models/late/versions/2/decisions', '/models/late/versions/2/slices', '/models/late/versions/2/inputs', '/models/late/versions/2/card', '/models/late/versions/2/compare/1', '/endpoints/late', '/endpoints/late/try'];

let home: Home;
let browser: Browser;
beforeAll(async () => {
  [home, browser] = await Promise.all([startAll(), openBrowser()]);
  await tellTwoVersions(home);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await home?.close();
}, 60_000);

const count = (value: bigint | number): string => value.toLocaleString('en-GB');

const look = (path: string, see: (page: Page) => Promise<void>, how: Pick<Place, 'screen' | 'expected'> = {}): Promise<void> => lookAt({ browser, url: `${home.httpAddress}${path}`, ...how }, see);

/** What the trainer says of the model that the second version is. */
async function judged() {
  const { origin } = await home.clients.registry.getModelVersion({ name: 'models/late/versions/2' });
  const evaluation = await home.clients.trainer.getEvaluation({ name: origin?.evaluation ?? '' });
  const chosen = evaluation.rungs.at(-1);
  return { evaluation, thresholds: chosen?.thresholds ?? [], slices: chosen?.slices ?? [], metrics: chosen?.metrics ?? [], averagePrecision: chosen?.averagePrecision };
}

const champion = () => home.clients.registry.getAlias({ name: 'models/late/aliases/champion' });
const fact = (page: Page, name: string): Promise<string> => page.locator('.facts > div', { has: page.locator('dt', { hasText: name }) }).first().locator('dd').innerText();

/** Saves what a button saves, and gives its text. */
async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFileSync(await download.path(), 'utf8');
}

describe('the parts of a version and of an endpoint', () => {
  it.each(SCREENS)('are sound, $name', { timeout: 180_000 }, async (screen) => {
    for (const path of PARTS) await look(path, isSound, { screen });
  });

  it('are each at a place of their own, and say where there is none', () =>
    look('/models/late/versions/2', async (page) => {
      for (const [title, end] of [['Decisions', '/decisions'], ['Slices', '/slices'], ['Inputs and proof', '/inputs'], ['Model card', '/card'], ['Compare', '/compare'], ['How good it is', '']] as const) {
        await page.getByRole('navigation', { name: 'Parts of version 2' }).getByRole('link', { name: title }).click();
        await page.getByRole('link', { name: title }).and(page.locator('[aria-current=page]')).waitFor();
        expect(new URL(page.url()).pathname).toBe(`/models/late/versions/2${end}`);
      }
      await page.goto(`${home.httpAddress}/models/late/versions/2/nothing`);
      await page.getByRole('heading', { level: 1, name: 'Nothing here' }).waitFor();
    }));
});

describe('the curves of a version', () => {
  it('go through every threshold that the trainer counted, and their figures can be saved in full', async () => {
    const { thresholds, evaluation, averagePrecision } = await judged();
    expect(thresholds.length).toBeGreaterThan(20);
    await look('/models/late/versions/2', async (page) => {
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
    await look('/models/late/versions/2/decisions', async (page) => {
      const slider = page.getByRole('slider');
      expect(await slider.getAttribute('max')).toBe(String(thresholds.length));
      for (const place of [0, 7, Math.floor(thresholds.length / 2), thresholds.length - 1]) {
        await slider.fill(String(place));
        const counts = thresholds[place];
        expect(await page.locator('.threshold output').innerText()).toBe(counts?.threshold.toFixed(4));
        expect(await page.locator('.confusion td b').allInnerTexts()).toEqual([counts?.truePositives, counts?.falseNegatives, counts?.falsePositives, counts?.trueNegatives].map((each) => count(each ?? -1n)));
        const [right, called, was] = [Number(counts?.truePositives), Number(counts?.truePositives) + Number(counts?.falsePositives), Number(counts?.truePositives) + Number(counts?.falseNegatives)];
        expect(await fact(page, 'Precision')).toBe((right / called).toFixed(4));
        expect(await fact(page, 'Recall')).toBe((right / was).toFixed(4));
      }
      await slider.fill(String(thresholds.length));
      expect(await page.locator('.threshold output').innerText()).toBe('none positive');
      expect(await fact(page, 'Precision')).toBe('–');
    });
  });

  it('cost what is said that errors cost, and least where the counts say so', async () => {
    const { thresholds } = await judged();
    const positives = thresholds[0]?.truePositives ?? 0n;
    const costs = [...thresholds.map(({ falsePositives, falseNegatives }) => Number(falsePositives) * 2 + Number(falseNegatives) * 7.5), Number(positives) * 7.5];
    const least = Math.min(...costs);
    await look('/models/late/versions/2/decisions', async (page) => {
      await page.getByRole('spinbutton', { name: 'A false positive costs' }).fill('2');
      await page.getByRole('spinbutton', { name: 'A false negative costs' }).fill('7.5');
      await page.getByRole('button', { name: 'Go to the least cost' }).click();
      expect(Number(await page.getByRole('slider').inputValue())).toBe(costs.lastIndexOf(least));
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
  await look('/models/late/versions/2/slices', async (page) => {
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
  const { signature, certificate } = await home.clients.registry.getModelVersion({ name: 'models/late/versions/2' });
  await look('/models/late/versions/2/inputs', async (page) => {
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
  await look('/models/late/versions/2/card', async (page) => {
    const card = await saved(page, 'Save as Markdown');
    expect(card).toContain('# late 2\n\n## Intended use\n\nTells which flights will be late.');
    expect(card).toContain(`Judged on ${count(evaluation.rows)} rows`);
    for (const { value, low, high } of metrics) expect(card).toContain(`| ${value.toFixed(4)} | ${low.toFixed(4)} to ${high.toFixed(4)} |`);
    const shown = await page.getByRole('article').innerText();
    for (const heading of card.matchAll(/^## (.*)$/gm)) expect(shown).toContain(heading[1]);
  });
});

it('sets two versions side by side', async () => {
  const [one, two] = await Promise.all(['1', '2'].map((version) => home.clients.registry.getModelVersion({ name: `models/late/versions/${version}` })));
  const { evaluation } = await judged();
  await look('/models/late/versions/2/compare/1', async (page) => {
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
    await look('/models/late', async (page) => {
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
    await look('/endpoints/late', async (page) => {
      await page.locator('.facts').getByRole('link', { name: 'late 1' }).waitFor();
    });
  });

  it('is pointed at a version that is chosen, and not where it has moved meanwhile', async () => {
    await look(
      '/models/late',
      async (page) => {
        await page.getByRole('button', { name: 'Point at version 2' }).click();
        await page.getByRole('textbox', { name: /^Why/ }).fill('it is better');
        // Somebody else is faster, and the page has not heard of it.
        await page.route('**/aliases?**', (route) => route.abort());
        await home.clients.registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/2', reason: 'faster' });
        await home.clients.registry.rollBackAlias({ name: 'models/late/aliases/champion', reason: 'and back' });
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
    look('/models/late', async (page) => {
      await page.getByRole('button', { name: 'New alias' }).click();
      await page.getByRole('textbox', { name: /^Its name/ }).fill('shadow');
      await page.getByRole('combobox', { name: 'Version' }).selectOption({ label: 'version 1' });
      await page.getByRole('textbox', { name: /^Why/ }).fill('to be compared');
      await page.keyboard.press('Enter');
      await page.getByText('@shadow points at version 1').waitFor();
      expect((await home.clients.registry.getAlias({ name: 'models/late/aliases/shadow' })).modelVersion).toBe('models/late/versions/1');
    }));
});

/** What an endpoint was asked in the last minutes, as the stream tells whoever asks; summed over its windows. */
async function traffic() {
  const windows = new Map<number, EndpointTraffic>();
  const stop = AbortSignal.timeout(2_500);
  try {
    for await (const window of home.clients.inference.watchEndpointTraffic({ endpoint: 'endpoints/late', changedSince: new Date(Date.now() - 900_000) }, { signal: stop })) windows.set(window.startTime?.getTime() ?? 0, window);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  const versions = [...windows.values()].flatMap((window) => window.versions);
  const sum = (of: (version: VersionTraffic) => bigint | undefined): bigint => versions.reduce((all, version) => all + (of(version) ?? 0n), 0n);
  return {
    requests: Object.fromEntries(['1', '2'].map((number) => [number, sum(({ modelVersion, requests }) => (modelVersion === `models/late/versions/${number}` ? requests : 0n))])),
    refused: sum(({ refused }) => refused),
    unseen: sum(({ flags }) => flags['UNSEEN_CATEGORY']),
    keyMissing: sum(({ errors }) => errors['KEY_MISSING']),
  };
}

describe('the traffic of an endpoint', () => {
  it('shows, as it comes, what the stream counts: requests by version, what failed, and what the guard saw', async () => {
    const { inference, registry } = home.clients;
    const row = (origin: string | undefined, distance: bigint) => ({ values: { ...(origin === undefined ? {} : { origin: { kind: { $case: 'stringValue' as const, value: origin } } }), distance: { kind: { $case: 'int64Value' as const, value: distance } } } });
    const ask = (...rows: ReturnType<typeof row>[]) => inference.predict({ endpoint: 'endpoints/late', rows, eventTimes: rows.map(() => new Date('2001-02-12')) });
    await look('/endpoints/late', async (page) => {
      await page.locator('section', { hasText: 'as it comes' }).first().waitFor();
      await ask(row('ORD', 500n), row('LAX', 500n));
      await expect(ask(row(undefined, 500n))).rejects.toMatchObject({ reason: 'KEY_MISSING' });
      await registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/1', reason: 'to be counted' });
      await expect.poll(async () => (await inference.getEndpoint({ name: 'endpoints/late' })).modelVersion).toBe('models/late/versions/1');
      await ask(row('SEA', 90_000n));
      const { requests, refused, unseen, keyMissing } = await traffic();
      for (const counted of [requests['1'], requests['2'], refused, unseen, keyMissing]) expect(counted).toBeGreaterThan(0n);
      const legend = (figure: string) => page.locator('figure', { has: page.getByRole('heading', { name: figure, exact: true }) }).locator('.legend');
      await expect.poll(() => legend('Requests by version').locator('li').allInnerTexts()).toEqual(expect.arrayContaining([`late 1 ${count(requests['1'] ?? -1n)}`, `late 2 ${count(requests['2'] ?? -1n)}`]));
      await expect.poll(() => legend('What failed').innerText()).toMatch(new RegExp(`failed: key missing ${count(keyMissing)}[^]*rows that the guard refused ${count(refused)}`));
      expect(await legend('What the input guard saw').innerText()).toContain(`unseen text ${count(unseen)}`);
      const lines = (await saved(page, 'Save “Requests by version” as CSV')).trimEnd().split('\r\n').map((line) => line.split(','));
      const column = lines[0]?.indexOf('late 1') ?? -1;
      expect(lines.slice(1).reduce((sum, line) => sum + Number(line[column]), 0)).toBe(Number(requests['1']));
      await page.getByRole('radio', { name: '3 hours' }).check();
      await expect.poll(() => legend('Requests by version').innerText()).toContain(`late 1 ${count(requests['1'] ?? -1n)}`);
      await isSound(page);
    });
    await registry.rollBackAlias({ name: 'models/late/aliases/champion', reason: 'counted' });
  });
});

describe('an endpoint that is tried', () => {
  it('answers a form that is made from its signature, and the answer is in the log', async () => {
    const { inference } = home.clients;
    await look('/endpoints/late/try', async (page) => {
      await page.getByRole('textbox', { name: 'distance' }).fill('700');
      await page.getByRole('combobox', { name: 'origin' }).fill('ORD');
      await page.getByLabel('date').fill('2001-02-12T08:30:00');
      await page.getByRole('button', { name: 'Predict', exact: true }).click();
      const answer = page.getByRole('region', { name: 'Answer' });
      const href = await answer.getByRole('link', { name: 'See the prediction' }).getAttribute('href');
      const { record, inputs } = await inference.getPrediction({ endpoint: 'endpoints/late', id: href?.split('/').at(-1) ?? '' });
      expect(await answer.locator('.score').innerText()).toBe(String(Number(record?.score.toPrecision(6))));
      const cells = Object.fromEntries(inputs.map((name, i) => [name, record?.inputs[i]?.kind]));
      // What moved the score is what the service says when it is asked in the same words.
      const asked = await inference.predict({ endpoint: 'endpoints/late', rows: [{ values: { distance: { kind: { $case: 'int64Value', value: 700n } }, origin: { kind: { $case: 'stringValue', value: 'ORD' } } } }], eventTimes: [new Date('2001-02-12T08:30:00Z')], contributions: 8 });
      const moved = asked.predictions[0]?.contributions ?? [];
      expect(moved.length).toBeGreaterThan(0);
      expect(await answer.locator('figure').getByRole('rowheader').allInnerTexts()).toEqual(moved.map(({ input }) => input));
      expect(await answer.locator('figure tbody td.figures').allInnerTexts()).toEqual(moved.map(({ change }) => `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(4)}`));
      expect(cells).toMatchObject({ distance: { $case: 'int64Value', value: 700n }, origin: { $case: 'stringValue', value: 'ORD' }, date: { value: new Date('2001-02-12T08:30:00Z') } });
      await isSound(page);
      await answer.getByRole('link', { name: 'See the prediction' }).click();
      await page.getByRole('heading', { level: 1, name: /^Prediction/ }).waitFor();
    });
  });

  it('says at the field what is wrong with it: what was typed, what is missing, and what the guard says', async () => {
    await look(
      '/endpoints/late/try',
      async (page) => {
        const said = (name: string): Promise<string> => page.locator('.field', { has: page.getByText(name, { exact: false }) }).first().locator('.wrong, .odd').innerText();
        await page.getByRole('textbox', { name: 'distance' }).fill('far');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        expect(await said('distance')).toBe('A whole number is asked for.');
        await page.getByRole('textbox', { name: 'distance' }).fill('99999');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        await page.locator('.wrong', { hasText: 'lacks column "origin"' }).waitFor();
        await page.getByRole('combobox', { name: 'origin' }).fill('ORD');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        await page.locator('.odd', { hasText: 'out of range: 99999 is outside' }).waitFor();
        await page.getByRole('combobox', { name: 'origin' }).fill('LAX');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        await page.getByRole('region', { name: 'Answer' }).getByText('refused by the input guard').waitFor();
        expect(await said('origin')).toContain('"LAX" was not in training');
        await isSound(page);
      },
      { expected: [/^Failed to load resource.*400/] },
    );
  });

  it('takes over what was asked last', () =>
    look('/endpoints/late/try', async (page) => {
      await page.getByRole('button', { name: 'Fill in as in the newest prediction' }).click();
      const [newest] = (await home.clients.inference.listPredictions({ parent: 'endpoints/late', pageSize: 1 })).predictions;
      const distance = newest?.record?.inputs[newest.inputs.indexOf('distance')]?.kind;
      expect(await page.getByRole('textbox', { name: 'distance' }).inputValue()).toBe(String(distance?.value));
    }));
});

it('deletes an endpoint once it has been asked whether it should', () =>
  look(
    '/endpoints/late',
    async (page) => {
      await page.getByRole('button', { name: 'Delete this endpoint' }).click();
      await page.getByRole('button', { name: 'Leave it' }).click();
      expect((await home.clients.inference.listEndpoints({})).endpoints.length).toBe(1);
      await page.getByRole('button', { name: 'Delete this endpoint' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete this endpoint' }).click();
      await page.getByText('No endpoint yet').waitFor();
      expect((await home.clients.inference.listEndpoints({})).endpoints).toEqual([]);
    },
    // What is on the screen is asked for once more, and is gone by then.
    { expected: [/^Failed to load resource.*404/] },
  ));
