import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { Cause_Kind } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { AppError } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FILE, PipelinesHome } from './pipelines-home.fixture.js';
import { judge } from './trigger.js';
import { DAY_MS } from './world.fixture.js';

describe('the guards', () => {
  const guards = { cooldownMs: 7 * DAY_MS, minNewLabels: 100, maxConcurrent: 1 };
  const cause = { kind: 'DRIFT', resource: 'reports/r', eventTime: undefined } as const;
  const world = { paused: false, running: 0, lastTraining: { dataEnd: 90 * DAY_MS, rows: 1_000, datasetVersion: 'datasets/flights/versions/1' }, data: { version: 'datasets/flights/versions/2', rows: 1_100, eventTimeMax: 97 * DAY_MS } };
  it.each([
    { title: 'let it start when all is well', change: {}, decision: 'STARTED', why: '100 new rows, 7.0 days beyond the last training' },
    { title: 'drop it while the pipeline is paused', change: { paused: true }, decision: 'DROPPED', why: 'the pipeline is paused' },
    { title: 'hold it without data', change: { data: undefined }, decision: 'HELD', why: 'there are no data yet' },
    { title: 'hold it while a run is under way', change: { running: 1 }, decision: 'HELD', why: '1 of at most 1 runs at a time are under way' },
    { title: 'let the first training start', change: { lastTraining: undefined }, decision: 'STARTED', why: 'nothing was trained before' },
    { title: 'hold it while the data are too near', change: { data: { ...world.data, eventTimeMax: 96.9 * DAY_MS } }, decision: 'HELD', why: 'cooldown: the data reach 6.9 days beyond the last training, 7.0 days are asked for' },
    { title: 'hold it while there are too few labels', change: { data: { ...world.data, rows: 1_099 } }, decision: 'HELD', why: 'new labels: 99 rows since the last training, 100 are asked for' },
  ])('$title', ({ change, decision, why }) => expect(judge(cause, guards, { ...world, ...change })).toEqual({ decision, why }));

  it('drop new data that were trained on already', () => {
    expect(judge({ ...cause, kind: 'NEW_DATA', resource: 'datasets/flights/versions/1' }, guards, world)).toEqual({ decision: 'DROPPED', why: 'datasets/flights/versions/1 was trained on already' });
  });
});

describe('a trigger', () => {
  let at: PipelinesHome;
  beforeAll(async () => void (at = await PipelinesHome.start()));
  beforeEach(() => at.story());
  afterEach(() => void vi.useRealTimers());
  afterAll(() => at.close());

  let events = 0;
  const fresh = () => `event-${++events}`;
  const publish = (record: Parameters<typeof at.home.bus.publish>[0][number]) => at.home.bus.publish([record]);
  const arrived = (version: number, id = fresh()) => publish(toRecord(catalogue.ingestion.datasetVersionCreated, '/spec', { datasetVersion: DatasetVersion.fromPartial({ name: `datasets/flights/versions/${version}`, eventTimeMax: new Date(90 * DAY_MS) }) }, { id }));
  const drifted = (report = 'r', id = fresh()) => publish(toRecord(catalogue.monitor.driftDetected, '/spec', { report: Report.fromPartial({ name: `reports/${report}`, to: new Date(91 * DAY_MS) }), endpoint: `endpoints/${at.pipeline}` }, { id }));
  const dropped = () => publish(toRecord(catalogue.monitor.performanceDropped, '/spec', { report: Report.fromPartial({ name: 'reports/p', to: new Date(91 * DAY_MS) }), endpoint: `endpoints/${at.pipeline}` }, { id: fresh() }));
  /** A first training, and data that the guards are content with. */
  const trainedBefore = async (): Promise<void> => {
    await at.ended(await at.start());
    at.world.champion = '';
  };
  const enough = () => at.world.data.push({ rows: 1_100, day: 97.1 });

  it.each([
    { trigger: 'new-data', cause: Cause_Kind.NEW_DATA, resource: 'datasets/flights/versions/1', tell: () => arrived(1) },
    { trigger: 'drift', cause: Cause_Kind.DRIFT, resource: 'reports/r', tell: () => drifted() },
    { trigger: 'performance', cause: Cause_Kind.PERFORMANCE, resource: 'reports/p', tell: () => dropped() },
  ])('on $trigger starts a run that says what caused it', async ({ trigger, cause, resource, tell }) => {
    await tell();
    const { pipelineRun, why } = await at.decided(trigger, 'STARTED');
    expect(why).toBe('nothing was trained before');
    const [run, ...others] = await at.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ name: pipelineRun, cause: { kind: cause, resource } });
    expect((await at.ended({ name: pipelineRun })).steps[0]?.outputs['dataset_version'], 'what came is in already: nothing is read again').toBe('datasets/flights/versions/1');
    expect(at.world.count('ingest')).toBe(0);
  });

  it('concerns only pipelines whose endpoint or data it is', async () => {
    await publish(toRecord(catalogue.monitor.driftDetected, '/spec', { report: Report.fromPartial({ name: 'reports/other' }), endpoint: 'endpoints/other' }, { id: fresh() }));
    await publish(toRecord(catalogue.ingestion.datasetVersionCreated, '/spec', { datasetVersion: DatasetVersion.fromPartial({ name: 'datasets/trains/versions/1' }) }, { id: fresh() }));
    await drifted();
    await at.decided('drift', 'STARTED');
    expect(await at.firings()).toEqual(['drift STARTED']);
    await at.quiet();
  });

  it('fires once, however often its event comes', async () => {
    const id = fresh();
    await drifted('r', id);
    await drifted('r', id);
    await at.decided('drift', 'STARTED');
    await drifted('r', id);
    await dropped();
    await at.decided('performance', 'HELD');
    expect(await at.firings()).toEqual(['drift STARTED', 'performance HELD']);
    await at.quiet();
    expect(await at.runs()).toHaveLength(1);
  });

  it('is held back by the cooldown and by too few labels, and asked again when new data come', async () => {
    await trainedBefore();
    await drifted();
    expect((await at.decided('drift', 'HELD')).why).toContain('cooldown: the data reach 0.0 days beyond the last training');
    at.world.data.push({ rows: 1_050, day: 97.1 });
    await arrived(2);
    await eventually('the other guard', async () => (await at.decided('drift', 'HELD')).why.startsWith('new labels: 50 rows since the last training'));
    at.world.data.push({ rows: 1_100, day: 97.1 });
    await arrived(3);
    await eventually('one of the two to start', async () => (await at.firings()).some((firing) => firing.endsWith('STARTED')));
    await at.quiet();
    expect(await at.runs(), 'data that came and drift that waited are one run').toHaveLength(2);
  });

  it('waits while a run is under way, and is asked again when that has ended', async () => {
    await trainedBefore();
    enough();
    at.world.held.add('training-set');
    const running = await at.start();
    await eventually('the job', async () => at.world.count('training-set') > 1);
    await drifted();
    expect((await at.decided('drift', 'HELD')).why).toBe('1 of at most 1 runs at a time are under way');
    await at.pipelines.cancelPipelineRun({ name: running.name });
    await at.decided('drift', 'STARTED');
    at.world.release('training-set');
    await at.quiet();
  });

  it('gives way to a newer firing of the same trigger', async () => {
    await trainedBefore();
    await drifted('first');
    const first = await at.decided('drift', 'HELD');
    await drifted('second');
    await eventually('the newer one', async () => (await at.decided('drift', 'HELD')).cause?.resource === 'reports/second');
    const newest = await at.decided('drift', 'HELD');
    const { firings } = await at.pipelines.listFirings({ filter: `pipeline=pipelines/${at.pipeline} AND decision=DROPPED` });
    expect(firings.find(({ name }) => name === first.name)?.why).toBe(`${newest.name} took its place`);
    enough();
    await arrived(2);
    await at.decided('drift', 'STARTED');
    await at.quiet();
    expect(await at.runs()).toHaveLength(2);
  });

  it('does nothing while its pipeline is paused', async () => {
    await at.pipelines.pausePipeline({ name: `pipelines/${at.pipeline}`, paused: true });
    await drifted();
    expect((await at.decided('drift', 'DROPPED')).why).toBe('the pipeline is paused');
    await at.pipelines.pausePipeline({ name: `pipelines/${at.pipeline}`, paused: false });
    await drifted();
    await at.decided('drift', 'STARTED');
    await at.quiet();
    expect(await at.runs()).toHaveLength(1);
  });

  it('is asked again by itself when what it must know could not be read', async () => {
    const down = () => new AppError('UNAVAILABLE', 'spec', 'DOWN', 'It is down.');
    at.world.faults.set('data', [down(), down()]);
    await drifted();
    await at.decided('drift', 'STARTED');
    expect(await at.firings()).toEqual(['drift STARTED']);
    await at.quiet();
    expect(await at.runs()).toHaveLength(1);
  });

  it('knows the run that it had started when a crash came before that was kept', async () => {
    await trainedBefore();
    await drifted();
    const { name } = await at.decided('drift', 'HELD');
    at.world.held.add('train');
    const started = await at.start({ requestId: `firing-${name.split('/')[1]}`, fresh: true });
    await arrived(1);
    expect(await at.decided('drift', 'STARTED')).toMatchObject({ name, pipelineRun: started.name });
    at.world.release('train');
    await at.quiet();
    expect(await at.runs()).toHaveLength(2);
  });

  it('drops what is held when the file does not have it any more', async () => {
    await trainedBefore();
    await drifted();
    await at.decided('drift', 'HELD');
    await at.apply(FILE.replace('  drift: { on: drift }\n', ''));
    expect((await at.decided('drift', 'DROPPED')).why).toBe('the file does not have the trigger any more');
  });

  it('runs by the clock, once a time, and not while it is paused', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date('2001-04-02T02:59:58Z') });
    await at.apply(FILE.replace('trees: 3', 'trees: 5'));
    const next = async () => (await at.pipelines.listTriggers({ parent: `pipelines/${at.pipeline}` })).triggers.find(({ kind }) => kind === Cause_Kind.SCHEDULE)?.nextTime?.toISOString();
    expect(await next()).toBe('2001-04-02T03:00:00.000Z');
    await vi.advanceTimersByTimeAsync(3_000);
    await at.decided('nightly', 'STARTED');
    await at.quiet();
    expect(at.world.count('ingest'), 'a run by the clock reads its source').toBeGreaterThan(0);
    expect(await next()).toBe('2001-04-03T03:00:00.000Z');
    await at.pipelines.pausePipeline({ name: `pipelines/${at.pipeline}`, paused: true });
    expect(await next()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect(await at.firings()).toEqual(['nightly STARTED']);
  });
});
