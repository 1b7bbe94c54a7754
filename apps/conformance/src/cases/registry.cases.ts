import { Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import { catalogue } from '@millrace/events';
import { expect } from 'vitest';
import { packed, register } from '../world/registered.js';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

const { modelVersionRegistered, modelAliasMoved } = catalogue.registry;

/** Models, versions and aliases. */
export const registryCases = cases({
  'a model and an experiment that are there are given as they are': async ({ registry }) => {
    const first = await registry.createModel({ model: { name: 'models/once', description: 'first' } });
    expect(await registry.createModel({ model: { name: 'models/once', description: 'second' } })).toEqual(first);
    expect(await registry.getModel({ name: 'models/once' })).toEqual(first);
    const experiment = await registry.createExperiment({ experiment: { name: 'experiments/once', description: 'first' } });
    expect(await registry.createExperiment({ experiment: { name: 'experiments/once', description: 'second' } })).toEqual(experiment);
    expect(await registry.getExperiment({ name: 'experiments/once' })).toEqual(experiment);
    expect(await refusalOf(registry.createModel({}))).toMatchObject({ reason: 'INVALID_NAME' });
    expect(await refusalOf(registry.createExperiment({}))).toMatchObject({ reason: 'INVALID_NAME' });
  },
  'versions count from 1, say what their artefact says, and are announced': async (home) => {
    const [first, second] = [await register(home, 'counted', 'a'), await register(home, 'counted', 'b')];
    expect([first.name, second.name]).toEqual(['models/counted/versions/1', 'models/counted/versions/2']);
    expect(first).toMatchObject({ metrics: { auc: 0.7 }, tags: { seed: 'a' }, signature: { inputs: [{ column: { name: 'distance' }, min: 1, max: 4_983, required: false }] } });
    expect(first.modelDigest).not.toBe(second.modelDigest);
    expect(await home.registry.getModelVersion({ name: 'models/counted/versions/latest' })).toEqual(second);
    expect(await home.registry.getModel({ name: 'models/counted' })).toMatchObject({ latestVersion: second.name });
    const { modelVersion } = await home.events.await(modelVersionRegistered, (event) => event.modelVersion?.name === second.name);
    expect(modelVersion).toMatchObject({ artifact: { digest: second.artifact?.digest } });
  },
  'a version is registered once for a request id': async (home) => {
    const first = await register(home, 'asked', 'a', 'r1');
    expect(await register(home, 'asked', 'b', 'r1')).toEqual(first);
    expect((await register(home, 'asked', 'b', 'r2')).name).toBe('models/asked/versions/2');
  },
  'a version needs an artefact that is one': async (home) => {
    const { registry, objects } = home;
    const create = (digest: string) => registry.createModelVersion({ parent: 'models/wrong', modelVersion: { artifact: { digest } } });
    expect(await refusalOf(create(''))).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'registry.millrace', reason: 'ARTIFACT_MISSING' });
    expect(await refusalOf(create('sha256:nonsense'))).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'objects.millrace', reason: 'INVALID_DIGEST' });
    expect(await refusalOf(create(`sha256:${'0'.repeat(64)}`))).toMatchObject({ code: 'NOT_FOUND', domain: 'objects.millrace', reason: 'OBJECT_NOT_FOUND' });
    const text = await objects.put(Buffer.from('no artefact'));
    expect(await refusalOf(create(text.digest))).toMatchObject({ domain: 'scoring.millrace', reason: 'ARTIFACT_UNREADABLE' });
    const artifact = JSON.parse(Buffer.from(await objects.read(await packed(objects, 'newer'))).toString('utf8')) as object;
    const newer = await objects.put(Buffer.from(JSON.stringify({ ...artifact, format: 'millrace-model/99' })));
    expect(await refusalOf(create(newer.digest))).toMatchObject({ domain: 'scoring.millrace', reason: 'ARTIFACT_FORMAT_UNKNOWN' });
    expect(await refusalOf(registry.getModel({ name: 'models/wrong' }))).toMatchObject({ code: 'NOT_FOUND', reason: 'MODEL_NOT_FOUND' });
  },
  'a certificate is added once, to the version that was read': async (home) => {
    const { registry } = home;
    const { name, etag } = await register(home, 'certified', 'a');
    const certificate = { rows: 10n, equal: 10n, environment: { node: 'any' } };
    expect(await refusalOf(registry.certifyModelVersion({ name, etag }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'CERTIFICATE_MISSING' });
    expect(await refusalOf(registry.certifyModelVersion({ name, certificate, etag: '99' }))).toMatchObject({ code: 'ABORTED', reason: 'CHANGED' });
    const certified = await registry.certifyModelVersion({ name, certificate, etag });
    expect(certified).toMatchObject({ certificate });
    expect(certified.etag).not.toBe(etag);
    expect(await refusalOf(registry.certifyModelVersion({ name, certificate }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'CERTIFIED_ALREADY' });
    expect(await registry.getModelVersion({ name })).toEqual(certified);
  },
  'an alias moves, remembers, rolls back, and is announced': async (home) => {
    const { registry, events } = home;
    const [first, second] = [await register(home, 'moved', 'a'), await register(home, 'moved', 'b')];
    const name = 'models/moved/aliases/champion';
    const made = await registry.moveAlias({ name, modelVersion: first.name, reason: 'first' });
    expect(await refusalOf(registry.rollBackAlias({ name, reason: 'none' }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOTHING_TO_ROLL_BACK' });
    const moved = await registry.moveAlias({ name, modelVersion: second.name, reason: 'better', etag: made.etag });
    expect(moved).toMatchObject({ modelVersion: second.name, history: [{ from: first.name, to: second.name, reason: 'better' }, { from: '', to: first.name }] });
    expect(await refusalOf(registry.moveAlias({ name, modelVersion: first.name, etag: made.etag }))).toMatchObject({ code: 'ABORTED', reason: 'CHANGED' });
    expect(await registry.getModelVersion({ name })).toMatchObject({ name: second.name, aliases: ['champion'] });
    expect(await refusalOf(registry.rollBackAlias({ name, reason: 'worse', etag: made.etag }))).toMatchObject({ code: 'ABORTED', reason: 'CHANGED' });
    const back = await registry.rollBackAlias({ name, reason: 'worse', etag: moved.etag });
    expect(back.modelVersion).toBe(first.name);
    expect(await registry.getAlias({ name })).toEqual(back);
    await events.await(modelAliasMoved, ({ alias, move }) => alias?.name === name && move?.reason === 'worse' && move.to === first.name);
    expect(events.payloads(modelAliasMoved).filter(({ alias }) => alias?.name === name).map(({ move }) => move?.reason)).toEqual(['first', 'better', 'worse']);
  },
  'an alias points at versions of its own model only': async (home) => {
    const { name } = await register(home, 'other', 'a');
    expect(await refusalOf(home.registry.moveAlias({ name: 'models/mine/aliases/champion', modelVersion: name }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'ALIAS_OTHER_MODEL' });
    expect(await refusalOf(home.registry.moveAlias({ name: 'models/other/aliases/champion', modelVersion: 'models/other/versions/9' }))).toMatchObject({ code: 'NOT_FOUND', reason: 'MODEL_VERSION_NOT_FOUND' });
    expect(await refusalOf(home.registry.moveAlias({ name: 'models/other/aliases/champion', modelVersion: 'nonsense' }))).toMatchObject({ reason: 'INVALID_NAME', metadata: { name: 'nonsense' } });
  },
  'a run is logged, its points are listed by step, and it ends once': async ({ registry, objects }, world) => {
    const { experiment } = await world.experiment();
    const { name, startTime } = await registry.createRun({ parent: experiment, run: { displayName: 'told', params: { depth: '3' }, origin: 'trainingJobs/t', startTime: new Date('2001-02-03T04:05:06Z') } });
    expect(startTime).toEqual(new Date('2001-02-03T04:05:06Z'));
    const { digest, size } = await objects.put(Buffer.from('a curve'));
    const artifacts = [{ path: 'plots/curve.json', object: { digest, sizeBytes: BigInt(size) } }];
    const logged = await registry.logRun({ name, metrics: [{ key: 'loss', step: 2n, value: 0.5 }, { key: 'loss', step: 1n, value: Number.NaN }], params: { seed: '7' }, tags: { by: 'hand' }, artifacts, requestId: 'log-1' });
    expect(logged).toMatchObject({ params: { depth: '3', seed: '7' }, tags: { by: 'hand' }, artifacts: [{ path: 'plots/curve.json' }] });
    expect(await registry.logRun({ name, params: { seed: '7' }, metrics: [{ key: 'loss', step: 3n, value: 9 }], requestId: 'log-1' })).toEqual(logged);
    expect((await registry.listMetricPoints({ parent: name, key: 'loss' })).metricPoints.map(({ step, value }) => [step, value])).toEqual([[1n, Number.NaN], [2n, 0.5]]);
    const done = await registry.finishRun({ name, state: Run_State.SUCCEEDED });
    expect(await registry.finishRun({ name, state: Run_State.SUCCEEDED })).toEqual(done);
    const points: [bigint | undefined, string][] = [];
    for await (const { metricPoint, position } of registry.watchMetricPoints({ parent: name, key: 'loss' })) points.push([metricPoint?.step, position]);
    // As they were logged, not by step.
    expect(points.map(([step]) => step)).toEqual([2n, 1n]);
    for await (const { metricPoint } of registry.watchMetricPoints({ parent: name, key: 'loss', after: points[0]?.[1] ?? '' })) expect(metricPoint?.step).toBe(1n);
    await expect(registry.watchMetricPoints({ parent: name, after: 'last' })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'POSITION_INVALID' });
    expect(await refusalOf(registry.finishRun({ name, state: Run_State.FAILED }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'RUN_FINAL', metadata: { state: 'SUCCEEDED' } });
    expect(await refusalOf(registry.logRun({ name, tags: { late: 'yes' } }))).toMatchObject({ reason: 'RUN_FINAL' });
    expect(await registry.getRun({ name })).toEqual(done);
  },
  'a curve of any length comes in as many points as are asked for, and loses neither its ends nor its extremes': async ({ registry }, world) => {
    const { experiment } = await world.experiment();
    const { name: parent } = await registry.createRun({ parent: experiment });
    const value = (step: number): number => (step === 777 ? 50 : step === 778 ? Number.NaN : step === 1_500 ? -50 : Math.sin(step / 90));
    await registry.logRun({ name: parent, metrics: Array.from({ length: 3_000 }, (_, step) => ({ key: 'loss', step: BigInt(step), value: value(step) })) });
    const { metricPoints, totalPoints, nonFinitePoints } = await registry.getMetricCurve({ parent, key: 'loss', maxPoints: 60 });
    expect([totalPoints, nonFinitePoints, metricPoints.length <= 60, metricPoints.length > 30]).toEqual([3_000n, 1n, true, true]);
    const steps = metricPoints.map(({ step }) => Number(step));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps).toEqual(expect.arrayContaining([0, 777, 778, 1_500, 2_999]));
    const close = await registry.getMetricCurve({ parent, key: 'loss', maxPoints: 60, fromStep: 770n, toStep: 780n });
    expect(close.metricPoints.map(({ step, value: each }) => [Number(step), each])).toEqual(Array.from({ length: 11 }, (_, i) => [770 + i, value(770 + i)]));
    expect(await refusalOf(registry.getMetricCurve({ parent, key: 'loss', maxPoints: 1 }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_CURVE', metadata: { place: 'max_points' } });
    expect(await refusalOf(registry.logRun({ name: parent, metrics: [{ key: 'loss', step: 2n ** 53n, value: 1 }] }))).toMatchObject({ reason: 'INVALID_RUN', metadata: { place: 'metrics' } });
  },
  'a run is made once for a request id': async ({ registry }, world) => {
    const { experiment } = await world.experiment();
    const first = await registry.createRun({ parent: experiment, run: { displayName: 'one' }, requestId: 'run-1' });
    expect(await registry.createRun({ parent: experiment, run: { displayName: 'two' }, requestId: 'run-1' })).toEqual(first);
  },
  'what a run cannot hold is refused, and the field is named': async ({ registry }, world) => {
    const { run: name } = await world.experiment();
    await registry.logRun({ name, params: { kept: '1' } });
    const places: readonly (readonly [string, Parameters<typeof registry.logRun>[0]])[] = [
      ['params.kept', { params: { kept: '2' } }],
      ['metrics', { metrics: [{ key: '', step: 1n, value: 1 }] }],
      ['artifacts', { artifacts: [{ path: '../up', object: { digest: `sha256:${'0'.repeat(64)}` } }] }],
      ['artifacts.a', { artifacts: [{ path: 'a' }] }],
    ];
    for (const [place, log] of places) expect(await refusalOf(registry.logRun({ name, ...log }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_RUN', metadata: { place } });
    expect(await refusalOf(registry.finishRun({ name }))).toMatchObject({ reason: 'INVALID_RUN', metadata: { place: 'state' } });
  },
  'runs are found and sorted by any of their values, and say what they have values of': async ({ registry }) => {
    const { name: parent } = await registry.createExperiment({ experiment: { name: 'experiments/searched' } });
    const losses = { a: 0.3, b: 0.1, c: Number.NaN, d: 0.2 };
    for (const [displayName, value] of Object.entries(losses)) {
      const { name } = await registry.createRun({ parent, run: { displayName, params: { depth: displayName === 'd' ? '12' : '6' }, tags: { by: 'hand' } } });
      await registry.logRun({ name, metrics: [{ key: 'loss', step: 1n, value }] });
    }
    const find = async (asked: { readonly filter?: string; readonly orderBy?: string; readonly skip?: number; readonly pageSize?: number; readonly columns?: string[] }) => registry.listRuns({ parent, ...asked });
    const names = async (asked: Parameters<typeof find>[0]) => (await find(asked)).runs.map(({ displayName }) => displayName).join('');
    expect(await names({ orderBy: 'metrics.loss' })).toBe('bdac');
    expect(await names({ orderBy: 'metrics.loss desc', filter: 'params.depth < 7 AND tags.by : HAN' })).toBe('abc');
    expect(await names({ orderBy: 'params.depth desc', skip: 1, pageSize: 2 })).toBe('cb');
    expect(await find({ filter: 'metrics.loss <= 0.2', columns: ['params.depth'] })).toMatchObject({ totalSize: 2, runs: [{ params: { depth: '12' }, metrics: {}, tags: {} }, { params: { depth: '6' } }] });
    expect((await registry.listRunColumns({ parent })).runColumns.map(({ column }) => column)).toEqual(['params.depth', 'metrics.loss', 'tags.by']);
    expect(await refusalOf(find({ filter: 'state = RUNNING AND loss > 1' }))).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'registry.millrace', reason: 'INVALID_FILTER', metadata: { place: '21', term: 'loss > 1' } });
    expect(await refusalOf(find({ orderBy: 'loss' }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_ORDER' });
    expect(await refusalOf(find({ columns: ['loss'] }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'COLUMN_INVALID', metadata: { column: 'loss' } });
    expect(await refusalOf(find({ skip: -1 }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SKIP_INVALID' });
  },
});
