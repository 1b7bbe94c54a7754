import type { StepLogLine } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { AppError } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { PipelinesHome } from './pipelines-home.fixture.js';
import { STEP_LOG_LINES } from './step-log.js';

let at: PipelinesHome;
let ids = 0;
beforeAll(async () => void (at = await PipelinesHome.start()));
beforeEach(() => at.story());
afterAll(() => at.close());

/** What the job of a step says from a byte of its log on, as its service tells it. */
async function says(run: string, { step = 'train', from = 0, texts, id = `spec-${++ids}` }: { readonly step?: string; readonly from?: number; readonly texts: readonly string[]; readonly id?: string }): Promise<void> {
  const lines = texts.map((text, i) => ({ position: BigInt(from + i + 1), time: new Date(Date.UTC(2001, 0, 1) + i), text }));
  await at.home.bus.publish([toRecord(catalogue.trainer.trainingJobLogged, '/spec', { log: { job: 'trainingJobs/j', requestId: `${run.split('/')[1]}-${step}`, log: `log of ${step}`, lines } }, { id })]);
}

const list = async (parent: string, step = '') => (await at.pipelines.listStepLogLines({ parent, step, pageSize: 1_000 })).stepLogLines;
const texts = (lines: readonly StepLogLine[]) => lines.map(({ step, text }) => `${step}: ${text}`);

it('keeps what the jobs of its steps say with the run, once, and tells it page by page', async () => {
  at.world.held.add('train');
  const { name } = await at.start();
  await at.step({ name }, 'train', 'RUNNING');
  await says(name, { texts: ['one', 'two'], id: 'same' });
  await says(name, { texts: ['one', 'two'], id: 'same' });
  await says(name, { texts: ['two', 'three'], from: 1 });
  await says(name, { step: 'ingest-flights', texts: ['read'] });
  await says(name, { step: 'nothing', texts: ['no step'] });
  await says('pipelineRuns/00000000-0000-7000-8000-000000000000', { texts: ['no run'] });
  await eventually('all lines', async () => (await list(name)).length === 4);
  const lines = await list(name);
  expect(texts(lines)).toEqual(['train: one', 'train: two', 'train: three', 'ingest-flights: read']);
  expect(lines[0]?.time).toEqual(new Date(Date.UTC(2001, 0, 1)));
  expect(texts(await list(name, 'ingest-flights'))).toEqual(['ingest-flights: read']);
  const first = await at.pipelines.listStepLogLines({ parent: name, pageSize: 3 });
  expect((await at.pipelines.listStepLogLines({ parent: name, pageSize: 3, pageToken: first.nextPageToken })).stepLogLines).toEqual(lines.slice(3));
  at.world.release('train');
  await at.ended({ name });
});

it('tells who watches what is said from a position on until a moment after the run, also what comes last', async () => {
  at.world.held.add('train');
  const { name } = await at.start();
  await at.step({ name }, 'train', 'RUNNING');
  await says(name, { texts: ['one', 'two'] });
  await eventually('two lines', async () => (await list(name)).length === 2);
  const [one] = await list(name);
  const watched = (async () => {
    const heard: StepLogLine[] = [];
    for await (const line of at.pipelines.watchStepLogLines({ parent: name, step: 'train', after: one?.position ?? '' })) heard.push(line);
    return texts(heard);
  })();
  await says(name, { texts: ['three'], from: 2 });
  await says(name, { step: 'ingest-flights', texts: ['of another step'] });
  at.world.release('train');
  await at.ended({ name });
  await says(name, { texts: ['after the end'], from: 3 });
  expect(await watched).toEqual(['train: two', 'train: three', 'train: after the end']);
});

it('says why each attempt at a step failed', async () => {
  at.world.faults.set('train', [new AppError('UNAVAILABLE', 'spec', 'DOWN', 'It is down.'), new AppError('INVALID_ARGUMENT', 'spec', 'WRONG', 'It is wrong.')]);
  const { name } = await at.ended(await at.start());
  expect(texts(await list(name))).toEqual(['train: attempt 1 failed for a reason that may pass: It is down.', 'train: attempt 2 failed: It is wrong.']);
});

it('keeps the newest lines of a step that says too much', async () => {
  const { name } = await at.ended(await at.start());
  for (let from = 0; from < 2_500; from += 500) await says(name, { texts: Array.from({ length: 500 }, (_, i) => `line ${from + i}`), from });
  await eventually('the last line', async () => (await list(name, 'train')).some(({ text }) => text.startsWith('…')));
  const all: StepLogLine[] = [];
  for (let pageToken = ''; ; ) {
    const page = await at.pipelines.listStepLogLines({ parent: name, step: 'train', pageSize: 1_000, pageToken });
    all.push(...page.stepLogLines);
    if ((pageToken = page.nextPageToken) === '') break;
  }
  expect(all.length).toBeLessThanOrEqual(STEP_LOG_LINES);
  expect([all[0]?.text, all.at(-1)?.text]).toEqual([`… ${2_500 - all.length + 1} earlier lines are left out`, 'line 2499']);
});

it('refuses a run, a step and a position that are not there', async () => {
  const { name } = await at.ended(await at.start());
  await expect(at.pipelines.listStepLogLines({ parent: 'pipelineRuns/none' })).rejects.toMatchObject({ reason: 'PIPELINE_RUN_NOT_FOUND' });
  await expect(list(name, 'trian')).rejects.toMatchObject({ reason: 'STEP_NOT_FOUND', message: expect.stringContaining('training-set, train, register') });
  await expect(at.pipelines.watchStepLogLines({ parent: name, after: 'x' })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'POSITION_INVALID' });
});
