import { type Run, Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { WatchMetricPointsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_POINTS } from './experiment.js';
import { RegistryHome } from './registry-home.fixture.js';

let at: RegistryHome;
beforeAll(async () => void (at = await RegistryHome.start()));
afterAll(() => at.close());

async function startRun(run: Partial<Run> = {}): Promise<Run> {
  const { name: parent } = await at.registry.createExperiment({ experiment: { name: `experiments/${at.fresh('e')}`, description: 'late flights' } });
  return at.registry.createRun({ parent, run });
}

const point = (key: string, step: number, value: number) => ({ key, step: BigInt(step), value, time: new Date(step) });

describe('an experiment', () => {
  it('is made once: making it again gives it as it is', async () => {
    const name = `experiments/${at.fresh('e')}`;
    const made = await at.registry.createExperiment({ experiment: { name, description: 'first' } });
    expect(await at.registry.createExperiment({ experiment: { name, description: 'second' } })).toEqual(made);
    expect(await at.registry.getExperiment({ name })).toEqual(made);
  });

  it('lists its runs newest first, in pages and by state', async () => {
    const { name: parent } = await at.registry.createExperiment({ experiment: { name: `experiments/${at.fresh('e')}` } });
    const names: string[] = [];
    for (let i = 0; i < 5; i++) names.unshift((await at.registry.createRun({ parent, run: { displayName: `run ${i}` } })).name);
    const first = await at.registry.listRuns({ parent, pageSize: 3 });
    const second = await at.registry.listRuns({ parent, pageSize: 3, pageToken: first.nextPageToken });
    expect([...first.runs, ...second.runs].map(({ name }) => name)).toEqual(names);
    expect(second.nextPageToken).toBe('');
    await at.registry.finishRun({ name: names[1] ?? '', state: Run_State.FAILED });
    expect((await at.registry.listRuns({ parent, filter: 'state=FAILED' })).runs.map(({ name }) => name)).toEqual([names[1]]);
    await expect(at.registry.listRuns({ parent, filter: 'owner=me' })).rejects.toMatchObject({ reason: 'INVALID_FILTER' });
  });
});

describe('a run', () => {
  it('is started once for one request id, and anew without one', async () => {
    const { name: parent } = await at.registry.createExperiment({ experiment: { name: `experiments/${at.fresh('e')}` } });
    const [one, same, other] = await Promise.all(['r', 'r', ''].map((requestId) => at.registry.createRun({ parent, run: { displayName: requestId }, requestId })));
    expect(same?.name).toBe(one?.name);
    expect(other?.name).not.toBe(one?.name);
    expect((await at.registry.listRuns({ parent })).runs).toHaveLength(2);
  });

  it('began when it is said to have begun, and never after now', async () => {
    const began = new Date('2001-02-03T04:05:06Z');
    expect((await startRun({ startTime: began })).startTime).toEqual(began);
    const before = Date.now();
    for (const startTime of [undefined, new Date(before + 3_600_000)]) {
      const told = (await startRun({ startTime })).startTime?.getTime() ?? 0;
      expect(told).toBeGreaterThanOrEqual(before);
      expect(told).toBeLessThanOrEqual(Date.now());
    }
  });

  it('keeps every value of a metric by step, in the order in which it came, and shows the last', async () => {
    const { name } = await startRun({ params: { rate: '0.1' }, tags: { host: 'a' }, origin: 'trainingJobs/t' });
    await at.registry.logRun({ name, metrics: [point('loss', 0, 3), point('loss', 2, 1), point('auc', 0, 0.5)] });
    const logged = await at.registry.logRun({ name, metrics: [point('loss', 1, 2), point('loss', 2, 0.9)], params: { depth: '6' }, tags: { host: 'b' } });
    expect(logged).toMatchObject({ metrics: { loss: 0.9, auc: 0.5 }, params: { rate: '0.1', depth: '6' }, tags: { host: 'b' }, origin: 'trainingJobs/t', etag: '3', state: Run_State.RUNNING });
    const first = await at.registry.listMetricPoints({ parent: name, key: 'loss', pageSize: 3 });
    const second = await at.registry.listMetricPoints({ parent: name, key: 'loss', pageSize: 3, pageToken: first.nextPageToken });
    expect([...first.metricPoints, ...second.metricPoints].map(({ step, value, time }) => [step, value, time?.getTime()])).toEqual([[0n, 3, 0], [1n, 2, 1], [2n, 1, 2], [2n, 0.9, 2]]);
    expect(second.nextPageToken).toBe('');
  });

  it('tells a watcher of every point as it comes, on from where he was, until it is over', async () => {
    const { name } = await startRun();
    await at.registry.logRun({ name, metrics: [point('loss', 0, 3), point('auc', 0, 0.5)] });
    const heard: WatchMetricPointsResponse[] = [];
    const watching = (async () => {
      for await (const one of at.registry.watchMetricPoints({ parent: name })) heard.push(one);
    })();
    await eventually('what was there', async () => heard.length === 2);
    // A step that comes late is told too: the order is that of coming.
    await at.registry.logRun({ name, metrics: [point('loss', 5, 1), point('loss', 1, 2)] });
    await eventually('what came', async () => heard.length === 4);
    await at.registry.finishRun({ name, state: Run_State.SUCCEEDED });
    await watching;
    expect(heard.map(({ metricPoint }) => [metricPoint?.key, metricPoint?.step])).toEqual([['loss', 0n], ['auc', 0n], ['loss', 5n], ['loss', 1n]]);
    const rest: WatchMetricPointsResponse[] = [];
    for await (const one of at.registry.watchMetricPoints({ parent: name, key: 'loss', after: heard[1]?.position ?? '' })) rest.push(one);
    expect(rest).toEqual(heard.slice(2));
    await expect(at.registry.watchMetricPoints({ parent: name, after: 'x' })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'POSITION_INVALID' });
  });

  it('keeps a metric that went astray as what it is', async () => {
    const { name } = await startRun();
    await at.registry.logRun({ name, metrics: [point('loss', 0, Number.NaN), point('loss', 1, Infinity), point('loss', 2, -Infinity)] });
    expect((await at.registry.getRun({ name })).metrics['loss']).toBe(-Infinity);
    expect((await at.registry.listMetricPoints({ parent: name, key: 'loss' })).metricPoints.map(({ value }) => value)).toEqual([Number.NaN, Infinity, -Infinity]);
  });

  it('adds what one request says once, however often and however parallel it comes', async () => {
    const { name } = await startRun();
    const request = { name, metrics: [point('loss', 0, 1)], requestId: 'once' };
    await Promise.all([at.registry.logRun(request), at.registry.logRun(request), at.registry.logRun(request)]);
    expect((await at.registry.listMetricPoints({ parent: name, key: 'loss' })).metricPoints).toHaveLength(1);
    expect((await at.registry.getRun({ name })).etag).toBe('2');
  });

  it('takes as many points as one request may hold, and no more', async () => {
    const { name } = await startRun();
    const many = Array.from({ length: MAX_POINTS }, (_, i) => point('loss', i, i));
    await at.registry.logRun({ name, metrics: many });
    const { metricPoints } = await at.registry.listMetricPoints({ parent: name, key: 'loss', pageSize: 1_000 });
    expect(metricPoints.at(-1)).toMatchObject({ step: 999n, value: 999 });
    await expect(at.registry.logRun({ name, metrics: [...many, point('loss', 0, 0)] })).rejects.toThrow('wrong at metrics: at most 10000 points go into one request');
  });

  it('never changes a parameter, and says what it is', async () => {
    const { name } = await startRun({ params: { rate: '0.1' } });
    await at.registry.logRun({ name, params: { rate: '0.1' } });
    await expect(at.registry.logRun({ name, params: { rate: '0.2' }, metrics: [point('loss', 0, 1)] })).rejects.toThrow('The run is wrong at params.rate: it is "0.1" already and a parameter never changes.');
    expect((await at.registry.getRun({ name })).metrics).toEqual({});
  });

  it('holds only so many entries, from the first request on', async () => {
    const params = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`p${i}`, '1']));
    const { name } = await startRun();
    await expect(at.registry.logRun({ name, params })).rejects.toThrow('wrong at params: a run holds at most 1000');
    await expect(startRun({ params })).rejects.toThrow('wrong at params: a run holds at most 1000');
  });

  it('ends once', async () => {
    const { name } = await startRun();
    await expect(at.registry.finishRun({ name, state: Run_State.RUNNING })).rejects.toThrow('wrong at state: a run ends as SUCCEEDED, FAILED or CANCELLED');
    await expect(at.registry.finishRun({ name, state: Run_State.UNSPECIFIED })).rejects.toThrow('wrong at state: give SUCCEEDED, FAILED or CANCELLED');
    const ended = await at.registry.finishRun({ name, state: Run_State.SUCCEEDED });
    expect(ended).toMatchObject({ state: Run_State.SUCCEEDED, endTime: expect.any(Date) });
    expect(await at.registry.finishRun({ name, state: Run_State.SUCCEEDED })).toEqual(ended);
    await expect(at.registry.finishRun({ name, state: Run_State.FAILED })).rejects.toMatchObject({ reason: 'RUN_FINAL', message: `Run ${name} is SUCCEEDED already; start another one.` });
    await expect(at.registry.logRun({ name, tags: { late: 'yes' } })).rejects.toMatchObject({ reason: 'RUN_FINAL' });
  });

  it('says what is not there', async () => {
    await expect(at.registry.getExperiment({ name: 'experiments/none' })).rejects.toThrow('Experiment experiments/none does not exist; create it first.');
    await expect(at.registry.createRun({ parent: 'experiments/none' })).rejects.toMatchObject({ reason: 'EXPERIMENT_NOT_FOUND' });
    await expect(at.registry.getRun({ name: 'experiments/none/runs/r' })).rejects.toThrow('Run experiments/none/runs/r does not exist');
    await expect(at.registry.listMetricPoints({ parent: 'experiments/none/runs/r', key: 'loss' })).rejects.toMatchObject({ reason: 'RUN_NOT_FOUND' });
  });
});

describe('an artefact of a run', () => {
  it('is replaced by one of the same path', async () => {
    const { name } = await startRun();
    const [old, other, next] = [await at.put('old'), await at.put('other'), await at.put('next')];
    const log = (path: string, digest: string) => at.registry.logRun({ name, artifacts: [{ path, object: { digest, sizeBytes: 3n, rows: 0n, mediaType: 'text/plain' } }] });
    await log('model/a.txt', old);
    await log('b.txt', other);
    const { artifacts } = await log('model/a.txt', next);
    expect(artifacts.map(({ path, object }) => [path, object?.digest])).toEqual([['b.txt', other], ['model/a.txt', next]]);
  });

  it.each(['', '/etc/passwd', '../up', 'a/../b'])('cannot lie at "%s"', async (path) => {
    const { name } = await startRun();
    await expect(at.registry.logRun({ name, artifacts: [{ path, object: { digest: await at.put('x') } }] })).rejects.toThrow(`"${path}" is no path below the run`);
  });

  it('must be an object that is there', async () => {
    const { name } = await startRun();
    await expect(at.registry.logRun({ name, artifacts: [{ path: 'a' }] })).rejects.toThrow('wrong at artifacts.a: the object is missing');
    await expect(at.registry.logRun({ name, artifacts: [{ path: 'a', object: { digest: `sha256:${'1'.repeat(64)}` } }] })).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
    expect((await at.registry.getRun({ name })).artifacts).toEqual([]);
  });

  it('is never collected, also when several are logged at the same time', async () => {
    const { name } = await startRun();
    const digests = await Promise.all(Array.from({ length: 6 }, (_, i) => at.put(`artefact ${i} of ${name}`)));
    const stray = await at.put(`stray of ${name}`);
    await Promise.all(digests.map((digest, i) => at.registry.logRun({ name, artifacts: [{ path: `${i}.txt`, object: { digest } }] })));
    await at.collect();
    expect(await Promise.all(digests.map((digest) => at.objects.has(digest)))).toEqual(digests.map(() => true));
    expect(await at.objects.has(stray)).toBe(false);
  });

  it('is not kept for a run that refused it', async () => {
    const { name } = await startRun();
    await at.registry.finishRun({ name, state: Run_State.FAILED });
    const digest = await at.put(`too late for ${name}`);
    await expect(at.registry.logRun({ name, artifacts: [{ path: 'a', object: { digest } }] })).rejects.toMatchObject({ reason: 'RUN_FINAL' });
    await at.collect();
    expect(await at.objects.has(digest)).toBe(false);
  });
});
