import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { describe, expect, it } from 'vitest';
import { PHONE } from './browser.fixture.js';
import { tellSmallStory } from './dashboard.fixture.js';
import { openStage } from './stage.fixture.js';

const stage = openStage(tellSmallStory);

const runs = async (): Promise<readonly PipelineRun[]> => (await stage.home.clients.pipelines.listPipelineRuns({})).pipelineRuns;
const idOf = ({ name }: PipelineRun): string => name.split('/')[1] ?? '';
const word = (state: string): string => state.replace('STATE_', '').toLowerCase();

describe('a run', () => {
  it('shows its steps as a graph with how each went, and leads to what one said', async () => {
    const [run] = await runs();
    if (!run) throw new Error('There is no run.');
    const { steps } = await stage.home.clients.pipelines.getPipelineVersion({ name: run.pipelineVersion });
    const { stepLogLines } = await stage.home.clients.pipelines.listStepLogLines({ parent: run.name, step: 'train' });
    expect(stepLogLines.length).toBeGreaterThan(0);
    await stage.visit(`/runs/${idOf(run)}`, async (page) => {
      const nodes = page.locator('.graph li');
      await expect.poll(() => nodes.locator('b').allInnerTexts()).toEqual(steps.map(({ id }) => id));
      const rows = page.getByRole('table', { name: 'Where the time went: figures' }).getByRole('row');
      for (const { id, state } of run.steps) expect(await rows.filter({ has: page.getByRole('rowheader', { name: id, exact: true }) }).innerText()).toContain(word(state));
      await nodes.nth(steps.findIndex(({ id }) => id === 'train')).getByRole('link').click();
      await page.getByRole('heading', { name: 'What train said' }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/runs/${idOf(run)}/steps/train`);
      await expect.poll(() => page.locator('.log code > span').allInnerTexts()).toEqual(stepLogLines.map(({ text }) => text));
    });
  });

  it('is sound on a phone, with the log of a step by a link of its own', async () => {
    const [run] = await runs();
    await stage.visit(`/runs/${run ? idOf(run) : ''}/steps/train`, (page) => page.locator('.log').waitFor(), { screen: PHONE });
  });
});

describe('a pipeline', () => {
  it('is run by hand, and stands beside the run before', async () => {
    const before = await runs();
    await stage.visit('/pipelines/late', async (page) => {
      await page.getByRole('button', { name: 'Run now' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
      await page.getByRole('heading', { name: /^Run / }).waitFor();
      await expect.poll(async () => (await runs()).length).toBe(before.length + 1);
      await expect.poll(() => page.locator('.lead .state').innerText(), { timeout: 60_000 }).toContain('succeeded');
    });
    const [after] = await runs();
    expect(after?.cause?.kind).toBe('KIND_MANUAL');
    await stage.visit('/pipelines/late', async (page) => {
      const boxes = page.getByRole('checkbox', { name: /^Compare run/ });
      await boxes.nth(0).check();
      await boxes.nth(1).check();
      await page.getByRole('button', { name: 'Compare two runs' }).click();
      await page.getByRole('heading', { name: 'How good their challengers were' }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/runs/${before[0] ? idOf(before[0]) : ''}/with/${after ? idOf(after) : ''}`);
      const cells = page.getByRole('table', { name: 'Steps of both' }).getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'training-set' }) });
      expect(await cells.innerText()).toContain(word(after?.steps.find(({ id }) => id === 'training-set')?.state ?? '?') === 'cached' ? 'from cache' : 'succeeded');
    });
  });

  it('is paused and resumed, and says so', () =>
    stage.visit('/pipelines/late', async (page) => {
      const paused = async (): Promise<boolean> => (await stage.home.clients.pipelines.getPipeline({ name: 'pipelines/late' })).paused;
      await page.getByRole('button', { name: 'Pause its triggers' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Pause its triggers' }).click();
      await page.getByRole('button', { name: 'Resume its triggers' }).waitFor();
      expect(await paused()).toBe(true);
      await page.getByRole('button', { name: 'Resume its triggers' }).click();
      await page.getByRole('button', { name: 'Pause its triggers' }).waitFor();
      expect(await paused()).toBe(false);
    }));

  it('says of every firing why it did or did not run', async () => {
    const { firings } = await stage.home.clients.pipelines.listFirings({ filter: 'pipeline=pipelines/late' });
    expect(firings.length).toBeGreaterThan(0);
    await stage.visit('/pipelines/late', async (page) => {
      const rows = page.getByRole('table', { name: 'Firings, newest first' }).getByRole('row');
      await expect.poll(async () => (await rows.count()) - 1).toBe(firings.length);
      const why = await rows.locator('td:nth-child(3)').allInnerTexts();
      // Resource names are said in the words of people.
      expect(why.map((text) => text.replace(/\W/g, '').slice(-12))).toEqual(firings.map(({ why: text }) => text.replace(/\W/g, '').slice(-12)));
      await page.getByRole('radio', { name: 'started a run' }).check();
      await expect.poll(async () => (await rows.count()) - 1).toBe(firings.filter(({ decision }) => decision === 'DECISION_STARTED').length || -1);
    });
  });
});

describe('a view that breaks', () => {
  it('says so, leaves the rest of the page alone, and is gone at the next place', () =>
    stage.visit(
      '/',
      async (page) => {
        // An answer that no home gives: times that are none.
        await page.route('**/v1/pipelineRuns/**', (route) => route.fulfill({ json: { name: 'pipelineRuns/x', steps: [{ id: 'a', startTime: 'no time' }], createTime: 'no time' } }));
        await page.goto(`${stage.home.httpAddress}/runs/x/with/y`);
        await page.getByRole('heading', { name: 'This view broke' }).waitFor();
        await page.getByRole('link', { name: 'Models' }).click();
        await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
      },
      { expected: [/^RangeError: Invalid time value/] },
    ));
});
