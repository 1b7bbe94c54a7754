import type { Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSound, SCREENS, violations } from './browser.fixture.js';
import { tellSmallStory } from './dashboard.fixture.js';
import { openStage } from './stage.fixture.js';

const VIEWS = ['/', '/data', '/data/flights', '/data/flights/versions/1', '/features', '/features/departures', '/pipelines', '/pipelines/late', '/experiments', '/experiments/late', '/models', '/models/late', '/models/late/versions/1', '/endpoints', '/endpoints/late', '/monitoring', '/monitoring/late', '/monitoring/late/inputs/distance'];
/** The limit for all scripts of the first view, as they come over the wire. */
const SCRIPT_BYTES = 250_000;

const stage = openStage();

const count = (value: bigint | number): string => value.toLocaleString('en-GB');
const cell = (page: Page, row: string, column: number) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: row }) }).first().getByRole('cell').nth(column);


describe('the page of an empty home', () => {
  it.each([
    ['/', 'No pipeline yet', 'npx millrace apply'],
    ['/data', 'No dataset yet', 'npx millrace dataset ingest'],
    ['/pipelines', 'No pipeline yet', 'npx millrace apply'],
    ['/features', 'No feature view yet', 'npx millrace apply'],
    ['/experiments', 'No experiment yet', 'npx millrace run'],
    ['/models', 'No model yet', 'npx millrace run'],
    ['/endpoints', 'No endpoint yet', 'npx millrace run'],
    ['/monitoring', 'No monitor yet', 'npx millrace run'],
  ])('says at %s what to do next', (path, title, command) =>
    stage.look(path, async (page) => {
      expect(await page.locator('.empty').innerText()).toMatch(new RegExp(`${title}[^]*${command}`));
      await isSound(page);
    }),
  );

  it('finds nothing wrong with a checker that finds what is wrong', () =>
    stage.look('/', async (page) => {
      await page.evaluate("document.querySelector('main').append(document.createElement('img'))");
      expect((await violations(page)).join()).toContain('image-alt');
    }));
});

describe('the page after a small story', () => {
  beforeAll(() => tellSmallStory(stage.home), 180_000);

  it.each(SCREENS)('is sound in every view, $name', { timeout: 180_000 }, async (screen) => {
    const [{ pipelineRuns }, { predictions }] = await Promise.all([stage.home.clients.pipelines.listPipelineRuns({}), stage.home.clients.inference.listPredictions({ parent: 'endpoints/late', pageSize: 1 })]);
    for (const path of [...VIEWS, `/runs/${pipelineRuns[0]?.name.split('/')[1] ?? ''}`, `/endpoints/late/predictions/${predictions[0]?.record?.id ?? ''}`]) await stage.visit(path, undefined, { screen });
  });

  it('tells on its overview what the services say', async () => {
    const { ingestion, features, registry, monitor, pipelines } = stage.home.clients;
    const [{ pipelineRuns: [run] }, { featureViews: [view] }, dataset, version, { reports }, { alerts }] = await Promise.all([pipelines.listPipelineRuns({}), features.listFeatureViews({}), ingestion.getDatasetVersion({ name: 'datasets/flights/versions/latest' }), registry.getModelVersion({ name: 'models/late/versions/1' }), monitor.listReports({ parent: 'monitors/late' }), monitor.listAlerts({})]);
    await stage.look('/', async (page) => {
      await page.getByText('predictions watched').waitFor();
      const stations = await page.locator('.station').allInnerTexts();
      expect(stations.map((text) => text.split('\n')[0])).toEqual(['Source', 'Data', 'Features', 'Training', 'Model', 'Endpoint', 'Monitor']);
      expect(stations.find((text) => text.startsWith('Training'))).toContain('challenger promoted');
      await expect.poll(() => page.locator('.station .amount b').allInnerTexts()).toEqual([
        count(dataset.counts?.read ?? 0n),
        count(dataset.rows),
        count(view?.features.length ?? 0),
        `${run?.steps.length}/${run?.steps.length}`,
        (version.metrics['auc'] ?? Number.NaN).toFixed(3),
        count(reports.reduce((sum, { predictions }) => sum + predictions, 0n)),
        count(reports.length),
      ]);
      const questions = await page.locator('.questions').innerText();
      expect(questions).toContain(`AUC ${(version.metrics['auc'] ?? Number.NaN).toFixed(4)} for trees on `);
      expect(questions).toContain(`${count(version.certificate?.equal ?? -1n)} of ${count(version.certificate?.rows ?? -1n)} held-out rows`);
      // Flights from two airports only, all of them long: the world has changed.
      expect(alerts.length).toBeGreaterThan(0);
      expect(questions).toMatch(/Yes: \d+ of \d+ inputs moved/);
      for (const { message } of alerts) expect(await page.locator('.needs').innerText()).toContain(message);
    });
  });

  it('shows a model beside its benchmarks as its evaluation has them', async () => {
    const { origin } = await stage.home.clients.registry.getModelVersion({ name: 'models/late/versions/1' });
    const { rungs, rows, gate } = await stage.home.clients.trainer.getEvaluation({ name: origin?.evaluation ?? '' });
    await stage.look('/models/late', async (page) => {
      for (const metric of ['Log loss', 'AUC', 'Brier score']) {
        await page.getByRole('radio', { name: metric }).check();
        const key = metric === 'AUC' ? 'auc' : metric === 'Brier score' ? 'brier' : 'log_loss';
        for (const { rung, metrics } of rungs) {
          const estimate = metrics.find((each) => each.metric === key);
          expect(await page.locator('.ladder .rung', { hasText: rung }).locator('.value').innerText()).toBe(estimate?.value.toFixed(4));
          if (estimate && estimate.high > estimate.low) expect(await cell(page, rung, 1).innerText()).toBe(`${estimate.low.toFixed(4)} to ${estimate.high.toFixed(4)}`);
        }
      }
      const text = await page.locator('main').innerText();
      expect(text).toContain(`Judged on ${count(rows)} rows`);
      for (const { why } of gate?.checks ?? []) expect(text).toContain(why);
    });
  });

  it('shows how long a training took, not how long its run was told of', async () => {
    const { registry, trainer } = stage.home.clients;
    const [run] = (await registry.listRuns({ parent: 'experiments/late' })).runs;
    const { status } = await trainer.getTrainingJob({ name: run?.origin ?? '' });
    expect(run?.startTime).toEqual(status?.startTime);
    const seconds = ((run?.endTime?.getTime() ?? 0) - (run?.startTime?.getTime() ?? 0)) / 1_000;
    expect(seconds).toBeGreaterThan(((status?.endTime?.getTime() ?? 0) - (status?.startTime?.getTime() ?? 0)) / 1_000);
    await stage.look('/experiments/late', async (page) => expect.poll(() => page.locator('.runs .row [aria-colindex="4"]').first().innerText()).toBe(seconds < 10 ? `${seconds.toFixed(1)} s` : `${seconds.toFixed(0)} s`));
  });

  it('calls a training as its pipeline run is called, and shows the figures of the challenger first', async () => {
    const { registry, pipelines } = stage.home.clients;
    const [[run], [pipelineRun]] = await Promise.all([registry.listRuns({ parent: 'experiments/late' }).then(({ runs }) => runs), pipelines.listPipelineRuns({}).then(({ pipelineRuns }) => pipelineRuns)]);
    const id = pipelineRun?.name.slice(-6) ?? '';
    await stage.look('/experiments/late', async (page) => {
      await page.getByRole('columnheader', { name: 'trees Log loss' }).waitFor();
      expect((await page.getByRole('columnheader').allInnerTexts()).slice(4, 6).map((text) => text.replaceAll('\n', ' '))).toEqual(['trees Log loss', 'trees AUC']);
      expect(await page.locator('.runs .row .lead-cell').first().innerText()).toBe(`run ${id}`);
      expect(await page.locator('.runs .row [aria-colindex="5"]').first().innerText()).toBe(String(Number(run?.metrics['trees.log_loss']?.toPrecision(4))));
    });
    await stage.look(`/runs/${pipelineRun?.name.split('/')[1] ?? ''}`, async (page) => expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain(id));
  });

  it('shows of every column what its profile says', async () => {
    const { profile, rows } = await stage.home.clients.ingestion.getDatasetVersion({ name: 'datasets/flights/versions/1' });
    expect(profile.length).toBe(4);
    await stage.look('/data/flights/versions/1', async (page) => {
      expect(await page.locator('.lead').innerText()).toContain(`holds ${count(rows)} rows of 4 columns`);
      for (const { column, missing, distinct, histogram } of profile) {
        const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: column }) });
        expect(await row.locator('td').nth(1).innerText()).toBe(count(missing));
        expect((await row.locator('td').nth(2).innerText()).replace(/^[≥≈] /, '')).toBe(count(distinct));
        if (histogram) await expect.poll(() => row.locator('.histogram rect').count()).toBe(histogram.counts.filter((bar) => bar > 0n).length);
      }
    });
  });

  it('shows how far every input moved in every window', async () => {
    const { reports } = await stage.home.clients.monitor.listReports({ parent: 'monitors/late' });
    await stage.look('/monitoring/late', async (page) => {
      const inputs = reports[0]?.columns.map(({ column }) => column).filter((column) => column !== 'date') ?? [];
      expect(inputs.length).toBeGreaterThan(1);
      const psiOf = (report: Report, input: string): string => (report.columns.find(({ column }) => column === input)?.distances['psi'] ?? Number.NaN).toFixed(3);
      for (const input of inputs) {
        const texts = await page.locator('.heat tr', { has: page.getByRole('rowheader', { name: input, exact: true }) }).locator('td').allInnerTexts();
        expect({ input, psi: texts.map((text) => text.split('\n').at(-1)) }).toEqual({ input, psi: reports.map((report) => psiOf(report, input)) });
      }
    });
  });

  it('shows of a prediction what was answered, what happened, and all that led to it', async () => {
    const { inference, pipelines } = stage.home.clients;
    const [logged] = (await inference.listPredictions({ parent: 'endpoints/late', pageSize: 1 })).predictions;
    const id = logged?.record?.id ?? '';
    const [{ record, label, inputs }, { lineage }] = await Promise.all([inference.getPrediction({ endpoint: 'endpoints/late', id }), pipelines.getLineage({ name: `endpoints/late/predictions/${id}` })]);
    expect(lineage?.nodes.length).toBeGreaterThan(5);
    await stage.look(`/endpoints/late/predictions/${id}`, async (page) => {
      const facts = await page.locator('.facts').innerText();
      expect(facts).toContain(String(Number(record?.score.toPrecision(6))));
      expect(facts).toContain(`${label}, known`);
      for (const input of inputs) await page.getByRole('rowheader', { name: input, exact: true }).waitFor();
      await expect.poll(() => page.getByRole('region', { name: 'Lineage' }).getByRole('row').count()).toBe(1 + (lineage?.nodes.length ?? 0));
    });
  });

  it('shows a change without being loaded anew', () =>
    stage.look('/', async (page) => {
      await page.getByRole('heading', { level: 2, name: 'late' }).waitFor();
      expect(await page.getByText('paused', { exact: true }).count()).toBe(0);
      await stage.home.clients.pipelines.pausePipeline({ name: 'pipelines/late', paused: true });
      await page.locator('.pipeline h2').getByText('paused').waitFor();
      expect(await page.locator('.needs').innerText()).toContain('Its triggers do nothing until it is resumed.');
      await stage.home.clients.pipelines.pausePipeline({ name: 'pipelines/late', paused: false });
    }));

  it('is gone through by keyboard alone, and by the ways of the browser', () =>
    stage.look('/', async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the view');
      const models = page.getByRole('navigation').getByRole('link', { name: 'Models' });
      for (let presses = 0; presses < 12 && (await page.evaluate('document.activeElement.textContent')) !== 'Models'; presses++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
      expect(await models.getAttribute('aria-current')).toBe('page');
      expect(new URL(page.url()).pathname).toBe('/models');
      await page.goBack();
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    }));

  it('leads to what a program can ask, and keeps its head in a line on a phone', async () => {
    for (const screen of SCREENS) {
      await stage.look(
        '/',
        async (page) => {
          const tops = await Promise.all(['.brand', '.ways-by-keys', '.themes'].map(async (part) => page.locator(part).boundingBox()));
          const [mark, ways, themes] = tops.map((box) => (box?.y ?? Number.NaN) + (box?.height ?? Number.NaN) / 2);
          if (screen.viewport.width < 640) for (const middle of [ways, themes]) expect(Math.abs((middle ?? Number.NaN) - (mark ?? Number.NaN))).toBeLessThan(4);
          await page.locator('header').getByRole('link', { name: 'API' }).click();
          await page.waitForURL('**/docs');
          await page.goBack();
          await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
        },
        { screen },
      );
    }
  });

  it('asks for its first view in two rounds', async () => {
    const context = await stage.browser.newContext();
    const page = await context.newPage();
    const asked = new Set<string>();
    let held: (() => Promise<void>)[] = [];
    // Every question of a round waits until nobody asks any more; what is asked again keeps the page new, and is no part of the first view.
    await page.route('**/v1/**', async (route) => {
      const url = route.request().url();
      if (asked.has(url)) return route.continue();
      asked.add(url);
      held.push(() => route.continue());
    });
    await page.goto(stage.home.httpAddress, { waitUntil: 'commit' });
    const shown = page.getByText('predictions watched');
    const rounds: number[] = [];
    for (let quiet = 0; !(await shown.isVisible()) && rounds.length < 9; ) {
      const before = asked.size;
      await page.waitForTimeout(200);
      quiet = asked.size === before ? quiet + 1 : 0;
      if (quiet < 3 || held.length === 0) continue;
      const round = held;
      held = [];
      rounds.push(round.length);
      await Promise.all(round.map((release) => release()));
    }
    expect(rounds.length, String(rounds)).toBe(2);
    expect(rounds.reduce((sum, questions) => sum + questions, 0)).toBeGreaterThan(8);
    await context.close();
  });

  it('needs few scripts', async () => {
    const context = await stage.browser.newContext();
    const page = await context.newPage();
    // What comes when there is time, the code of every other view, is no part of the first.
    await page.addInitScript('globalThis.requestIdleCallback = () => 0;');
    await page.goto(stage.home.httpAddress);
    await page.getByText('predictions watched').waitFor();
    const loaded = (await page.evaluate("performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).map(({ encodedBodySize }) => encodedBodySize)")) as readonly number[];
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(SCRIPT_BYTES);
    await context.close();
  });
});

it('says why it cannot show what is not there', () =>
  stage.look('/data/nothing', async (page) => expect(await page.getByRole('alert').innerText()).toMatch(/^This is not there\. .*nothing.* NOT_FOUND$/), { expected: [/^Failed to load resource/] }));
