import { Outcome_Decision, type PipelineRun, StepRun_State } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelineRunFinished, PipelineRunStarted } from '@millrace/contracts/millrace/pipelines/v1/events';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { AppError } from '@millrace/core';
import { catalogue } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from './world.fixture.js';
import { FILE, PipelinesHome } from './pipelines-home.fixture.js';

let at: PipelinesHome;
beforeAll(async () => void (at = await PipelinesHome.start()));
beforeEach(() => at.story());
afterAll(() => at.close());

const states = ({ steps }: PipelineRun): Record<string, string> => Object.fromEntries(steps.map(({ id, state }) => [id, state.replace('STATE_', '')]));
const unavailable = () => new AppError('UNAVAILABLE', 'spec', 'DOWN', 'It is down.');

async function events(name: string): Promise<readonly string[]> {
  const told: string[] = [];
  const { pipelineRunStarted, pipelineRunFinished } = catalogue.pipelines;
  for await (const { headers, value } of at.home.bus.replay(pipelineRunStarted.topic, { from: 0n })) {
    if (headers['ce_type'] === pipelineRunStarted.type && PipelineRunStarted.decode(value).pipelineRun?.name === name) told.push('started');
    if (headers['ce_type'] === pipelineRunFinished.type && PipelineRunFinished.decode(value).pipelineRun?.name === name) told.push('finished');
  }
  return told;
}

describe('a run', () => {
  it('takes data the whole way to a watched endpoint, and tells its beginning and end once', async () => {
    const run = await at.ended(await at.start());
    expect(states(run)).toEqual({ 'ingest-flights': 'SUCCEEDED', features: 'SUCCEEDED', 'training-set': 'SUCCEEDED', train: 'SUCCEEDED', register: 'SUCCEEDED', certify: 'SUCCEEDED', 'materialize-departures': 'SUCCEEDED', deploy: 'SUCCEEDED', monitor: 'SUCCEEDED' });
    expect(run.outcome).toEqual({ decision: Outcome_Decision.PROMOTED, modelVersion: 'models/late/versions/1', why: 'auc is good' });
    expect(at.world.champion).toBe('models/late/versions/1');
    expect(at.world.calls.map((call) => call.split(' ')[0])).toEqual(['ingest', 'entity', 'view', 'service', 'training-set', 'train', 'register', 'certify', 'materialize', 'alias', 'endpoint', 'monitor']);
    await eventually('both events', async () => (await events(run.name)).length === 2);
    expect(await events(run.name)).toEqual(['started', 'finished']);
  });

  it('says who answers for definitions as the file does, leaves what it does not say as it is, and makes no value again for that', async () => {
    const described = (name: string) => [at.world.definitions.get(name)?.owner, at.world.definitions.get(name)?.tags];
    await at.ended(await at.start());
    expect(described('featureViews/departures')).toEqual(['', {}]);
    const departures = at.world.definitions.get('featureViews/departures');
    if (departures) at.world.definitions.set(departures.name, { ...departures, owner: 'ann', tags: { by: 'hand' } });
    await at.apply(FILE.replace('pipeline: late', 'pipeline: late\nowner: team-flights\ntags: { domain: flights }').replace('airport: { join_keys', 'airport: { owner: bea, tags: { kind: place }, join_keys'));
    await at.ended(await at.start());
    expect(described('entities/airport')).toEqual(['bea', { domain: 'flights', kind: 'place' }]);
    expect(described('featureViews/departures')).toEqual(['team-flights', { domain: 'flights' }]);
    expect(described('featureServices/late')).toEqual(['team-flights', { domain: 'flights' }]);
    await at.apply(FILE);
    await at.ended(await at.start());
    expect(described('featureViews/departures')).toEqual(['team-flights', { domain: 'flights' }]);
    expect([at.world.count('training-set'), at.world.count('materialize')]).toEqual([1, 1]);
  });

  it('keeps what it trained under its own name, and says which model is the challenger', async () => {
    const { name } = await at.ended(await at.start());
    expect(at.world.kept.map(({ displayName, tags }) => [displayName, tags])).toEqual([[`run ${name.slice(-6)}`, { pipeline_run: name, gate: 'passed', challenger: 'trees' }]]);
  });

  it('is one run for one request id', async () => {
    const [one, two] = await Promise.all([at.start({ requestId: 'r' }), at.start({ requestId: 'r' })]);
    expect(two?.name).toBe(one?.name);
    await at.quiet();
    expect(await at.runs()).toHaveLength(1);
    expect(at.world.count('train')).toBe(1);
  });

  it('ends at the refusal of the gate, which is no failure, and is not remembered', async () => {
    at.world.gatePassed = false;
    const refused = await at.ended(await at.start());
    expect(refused).toMatchObject({ status: { state: JobState.SUCCEEDED }, outcome: { decision: Outcome_Decision.REFUSED, why: 'auc is poor' } });
    expect(states(refused)).toMatchObject({ train: 'SUCCEEDED', register: 'SKIPPED', certify: 'SKIPPED', deploy: 'SKIPPED', monitor: 'SKIPPED' });
    expect(at.world.champion).toBe('');
    expect((await at.ended(await at.start())).outcome?.decision, 'the same inputs are refused again').toBe(Outcome_Decision.REFUSED);
    expect(at.world.count('train')).toBe(2);
    at.world.gatePassed = true;
    expect((await at.ended(await at.start())).outcome?.decision).toBe(Outcome_Decision.PROMOTED);
  });

  it('does not deploy a version whose bits differ in serving', async () => {
    at.world.parity = { rows: 100n, equal: 99n };
    const run = await at.ended(await at.start());
    expect(run.status).toMatchObject({ state: JobState.FAILED, error: { message: 'models/late/versions/1 is not deployed: of 100 held-out rows only 99 got the same bits by serving as in batch; the largest difference is 0.5.' } });
    expect(at.world.champion).toBe('');
    expect(states(run)).toMatchObject({ certify: 'FAILED', deploy: 'CANCELLED' });
  });

  it('says that there are no data where nothing was ingested', async () => {
    at.world.data.length = 0;
    await at.apply(FILE.replace('    path: flights.csv\n', ''));
    const run = await at.ended(await at.start());
    expect(run.status?.error?.message).toBe('Dataset datasets/flights has no version yet; ingest data, or give the source a path.');
  });
});

describe('the step cache', () => {
  it('takes what the same inputs made before, and makes anew what they did not', async () => {
    await at.ended(await at.start());
    at.world.champion = '';
    expect(states(await at.ended(await at.start()))).toMatchObject({ 'ingest-flights': 'SUCCEEDED', 'training-set': 'CACHED', train: 'CACHED', register: 'SUCCEEDED', 'materialize-departures': 'CACHED', deploy: 'SUCCEEDED' });
    expect(at.world.count('training-set')).toBe(1);
    at.world.data.push({ rows: 1_200, day: 97 });
    at.world.champion = '';
    expect(states(await at.ended(await at.start()))).toMatchObject({ 'training-set': 'SUCCEEDED', train: 'SUCCEEDED', 'materialize-departures': 'CACHED' });
    await at.apply(FILE.replace('trees: 3', 'trees: 4'));
    at.world.champion = '';
    expect(states(await at.ended(await at.start()))).toMatchObject({ 'training-set': 'CACHED', train: 'SUCCEEDED' });
  });

  it('trains anew beside another champion', async () => {
    await at.ended(await at.start());
    expect(states(await at.ended(await at.start()))).toMatchObject({ 'training-set': 'CACHED', train: 'SUCCEEDED' });
  });

  it('is not read by a fresh run', async () => {
    await at.ended(await at.start());
    expect(Object.values(states(await at.ended(await at.start({ fresh: true }))))).not.toContain('CACHED');
    expect(at.world.count('training-set')).toBe(2);
  });
});

describe('a step', () => {
  it('is tried again with the same request id while its fault may pass, so that nothing is done twice', async () => {
    at.world.faults.set('train', [unavailable()]);
    at.world.faults.set('endpoint', [new AppError('ABORTED', 'inference.millrace', 'ENDPOINT_CHANGED', 'It was changed meanwhile; read it again and repeat.')]);
    const run = await at.ended(await at.start());
    expect(run.status?.state).toBe(JobState.SUCCEEDED);
    expect(['train', 'deploy'].map((step) => run.steps.find(({ id }) => id === step)?.attempt)).toEqual([2, 2]);
    const [first, second, ...others] = at.world.calls.filter((call) => call.startsWith('train '));
    expect(others).toEqual([]);
    expect(first).toMatch(/-train$/);
    expect(second).toBe(first);
  });

  it('fails at once for a fault that stays, and the run with it', async () => {
    at.world.faults.set('register', [new AppError('INVALID_ARGUMENT', 'registry.millrace', 'ARTIFACT_MISSING', 'There is no artefact.')]);
    const run = await at.ended(await at.start());
    expect(run.status).toMatchObject({ state: JobState.FAILED, error: { message: 'There is no artefact.' } });
    expect(run.steps.find(({ id }) => id === 'register')).toMatchObject({ state: StepRun_State.FAILED, attempt: 1, error: { message: 'There is no artefact.' } });
    expect(run.outcome?.why).toBe('step register failed');
  });

  it('tells nothing of what is inside when the fault is ours', async () => {
    at.world.faults.set('alias', [Object.assign(new Error('secret'), { name: 'TypeError' }) as unknown as AppError]);
    expect((await at.ended(await at.start())).status?.error?.message).toBe('Internal error.');
  });
});

describe('a cancelled run', () => {
  it.each([{ work: 'train', step: 'train' }, { work: 'ingest', step: 'ingest-flights' }] as const)('stops the job of $step, and starts nothing more', async ({ work, step }) => {
    at.world.held.add(work);
    const begun = await at.start();
    await at.step(begun, step, 'RUNNING');
    await eventually('the job', async () => at.world.count(work) > 0);
    await at.pipelines.cancelPipelineRun({ name: begun.name });
    const run = await at.ended(begun);
    expect(run.status).toMatchObject({ state: JobState.CANCELLED, error: { message: 'The run was cancelled.' } });
    expect(Object.values(states(run)).filter((state) => state === 'RUNNING' || state === 'PENDING')).toEqual([]);
    expect(at.world.count('cancel')).toBe(1);
    expect(at.world.count('register')).toBe(0);
    await expect(at.pipelines.cancelPipelineRun({ name: begun.name })).rejects.toThrow(`Pipeline run ${begun.name} is CANCELLED already and cannot be cancelled.`);
  });
});

describe('a restart', () => {
  it.each(['ingest', 'training-set', 'train', 'materialize'] as const)('goes on in the middle of %s with the same request id', async (work) => {
    at.world.held.add(work);
    const begun = await at.start();
    await eventually('the job', async () => at.world.count(work) > 0);
    await at.restart();
    await eventually('the job to be found again', async () => at.world.count(work) > 1);
    at.world.release(work);
    const run = await at.ended(begun);
    expect(run).toMatchObject({ name: begun.name, status: { state: JobState.SUCCEEDED } });
    const asked = at.world.calls.filter((call) => call.startsWith(`${work} `));
    expect(new Set(asked).size).toBe(1);
    expect(at.world.count('cancel'), 'a process that ends stops no job').toBe(0);
    expect(at.world.versions).toEqual(['models/late/versions/1']);
    expect(at.world.count('alias')).toBe(1);
  });

  it('leaves a run that was stopped as it was', async () => {
    at.world.held.add('training-set');
    const begun = await at.start();
    await eventually('the job', async () => at.world.count('training-set') > 0);
    await at.pipelines.cancelPipelineRun({ name: begun.name });
    await at.restart();
    at.world.release('training-set');
    expect((await at.ended(begun)).status?.state).toBe(JobState.CANCELLED);
    expect(at.world.count('train')).toBe(0);
  });
});

describe('lists and names', () => {
  it('page through runs, newest first, and filter them', async () => {
    const names: string[] = [];
    for (const day of [60, 61, 62]) names.unshift((await at.ended(await at.start({ eventTime: new Date(day * DAY_MS) }))).name);
    const first = await at.pipelines.listPipelineRuns({ pageSize: 2, filter: `pipeline=pipelines/${at.pipeline} AND state=SUCCEEDED` });
    const second = await at.pipelines.listPipelineRuns({ pageSize: 2, pageToken: first.nextPageToken, filter: `pipeline=pipelines/${at.pipeline} AND state=SUCCEEDED` });
    expect([...first.pipelineRuns, ...second.pipelineRuns].map(({ name }) => name)).toEqual(names);
    expect(first.pipelineRuns[0]?.cause?.eventTime).toEqual(new Date(62 * DAY_MS));
    expect((await at.pipelines.listPipelineRuns({ filter: `pipeline=pipelines/${at.pipeline} AND state=FAILED` })).pipelineRuns).toEqual([]);
    await expect(at.pipelines.listPipelineRuns({ filter: 'owner=me' })).rejects.toThrow('Filter term "owner=me"');
    await expect(at.pipelines.getPipelineRun({ name: 'pipelineRuns/none' })).rejects.toThrow('Pipeline run pipelineRuns/none does not exist; list runs to see which do.');
  });
});

describe('the lineage', () => {
  it('of a prediction reaches its data, tells what is gone, and holds every edge once', async () => {
    await at.ended(await at.start());
    const { lineage } = await at.pipelines.getLineage({ name: 'endpoints/late/predictions/p' });
    const kinds = Object.fromEntries((lineage?.nodes ?? []).map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({ 'endpoints/late/predictions/p': 'Prediction', 'models/late/versions/1': 'ModelVersion', 'endpoints/late': 'Endpoint', 'trainingJobs/t': 'TrainingJob', 'trainingSets/t': 'TrainingSet', 'datasets/flights/versions/1': 'DatasetVersion', 'ingestionRuns/r': 'IngestionRun' });
    expect(lineage?.nodes.find(({ name }) => name === 'pipelineRuns/gone')).toMatchObject({ kind: 'Resource', facts: { missing: 'Pipeline run pipelineRuns/gone does not exist; list runs to see which do.' } });
    expect(new Set(lineage?.nodes.map(({ name }) => name)).size).toBe(lineage?.nodes.length);
    expect(new Set(lineage?.edges.map((edge) => JSON.stringify(edge))).size).toBe(lineage?.edges.length);
    expect(lineage?.edges).toContainEqual({ from: 'trainingSets/t', to: 'trainingJobs/t', role: 'trained on' });
  });

  it('ends somewhere, however long the chain', async () => {
    for (let day = 91; day < 400; day++) at.world.data.push({ rows: day, day });
    const { lineage } = await at.pipelines.getLineage({ name: `datasets/flights/versions/${at.world.data.length}` });
    expect(lineage?.nodes).toHaveLength(200);
    const known = new Set(lineage?.nodes.map(({ name }) => name));
    expect(lineage?.edges.every(({ from, to }) => known.has(from) && known.has(to))).toBe(true);
  });

  it('is not asked of what is not there, or has none', async () => {
    await expect(at.pipelines.getLineage({ name: 'foo' })).rejects.toMatchObject({ reason: 'LINEAGE_UNKNOWN' });
    await expect(at.pipelines.getLineage({ name: 'datasets/flights/versions/99' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
