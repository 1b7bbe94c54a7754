import { Cause_Kind } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { AppError } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FILE, PipelinesHome } from './pipelines-home.fixture.js';

let at: PipelinesHome;
beforeAll(async () => void (at = await PipelinesHome.start()));
beforeEach(() => at.story());
afterAll(() => at.close());

const apply = (source: string, { basePath = '/data', dryRun = false, etag = '' } = {}) => at.pipelines.applyPipeline({ source: at.named(source), basePath, dryRun, etag });
const name = () => `pipelines/${at.pipeline}`;

describe('applying a file', () => {
  it('makes a version, with its steps in an order that can run', async () => {
    const version = await at.pipelines.getPipelineVersion({ name: `${name()}/versions/1` });
    expect(version.source).toBe(at.named(FILE));
    const seen = new Set<string>();
    for (const { id, needs } of version.steps) {
      for (const need of needs) expect(seen.has(need), `${id} needs ${need}`).toBe(true);
      seen.add(id);
    }
    expect([...seen].toSorted()).toEqual(['certify', 'deploy', 'features', 'ingest-flights', 'materialize-departures', 'monitor', 'register', 'train', 'training-set']);
  });

  it('says of a pipeline what its latest file says of itself', async () => {
    const said = async () => (await at.pipelines.getPipeline({ name: name() })).description;
    expect(await said()).toBe('');
    await apply(FILE.replace('pipeline: late', 'pipeline: late\ndescription: Says whether it is late.'));
    expect(await said()).toBe('Says whether it is late.');
    await at.pipelines.pausePipeline({ name: name(), paused: true });
    expect(await said(), 'also while it is paused').toBe('Says whether it is late.');
  });

  it('changes nothing when the file means the same', async () => {
    const again = await apply(`# said with a comment\n${FILE}`);
    expect(again).toMatchObject({ changed: false, changes: [], pipelineVersion: { name: `${name()}/versions/1` } });
    expect((await at.pipelines.listPipelineVersions({ parent: name() })).pipelineVersions).toHaveLength(1);
    expect((await at.pipelines.getPipeline({ name: name() })).etag).toBe('1');
  });

  it('says what changed, part by part, and nothing that did not', async () => {
    const changed = FILE.replace('trees: 3', 'trees: 4').replace('  nightly: { schedule: \'0 3 * * *\' }\n', '').replace('window: 24h', 'window: 48h').replace('    path: flights.csv\n', '    path: other.csv\n');
    expect(await apply(changed)).toMatchObject({ changed: true, changes: ['feature_views.departures changed', 'ladder changed', 'sources.flights changed', 'triggers.nightly is gone'], pipelineVersion: { name: `${name()}/versions/2` } });
    expect((await apply(changed, { basePath: '/elsewhere' })).changes).toEqual(['relative paths are read from /elsewhere']);
    expect((await apply(FILE, { basePath: '' })).changes).toContain('triggers.nightly is new');
  });

  it('only says what would change, when it is asked so', async () => {
    const changed = FILE.replace('trees: 3', 'trees: 4');
    expect(await apply(changed, { dryRun: true })).toMatchObject({ changed: true, changes: ['ladder changed'] });
    expect((await at.pipelines.getPipeline({ name: name() })).latestVersion).toBe(`${name()}/versions/1`);
    expect(await apply(changed)).toMatchObject({ changed: true, changes: ['ladder changed'] });
  });

  it('asks the trainer about plan, rungs and gate, with every column that will be there and when it is known', async () => {
    expect(at.world.plans.at(-1)).toMatchObject({
      planJson: '{"features":["distance","origin_late_share"],"steps":[]}',
      knownAfterEvent: ['late', 'delay'],
      target: 'late',
      eventTimeColumn: 'date',
      rungs: [{ name: 'dummy' }, { name: 'trees', paramsJson: '{"trees":3}' }],
      gateJson: '{"metrics":{"auc":{"at_least":0.6}}}',
    });
    expect(at.world.plans.at(-1)?.schema?.columns).toEqual([
      { name: 'date', type: ColumnType.TIMESTAMP, nullable: false },
      { name: 'delay', type: ColumnType.INT64, nullable: true },
      { name: 'distance', type: ColumnType.INT64, nullable: false },
      { name: 'origin', type: ColumnType.STRING, nullable: true },
      { name: 'late', type: ColumnType.INT64, nullable: true },
      { name: 'origin_late_share', type: ColumnType.FLOAT64, nullable: true },
      { name: 'origin_flights', type: ColumnType.INT64, nullable: true },
    ]);
  });

  it('keeps nothing of a file whose plan is refused', async () => {
    at.world.faults.set('check', [new AppError('FAILED_PRECONDITION', 'plan.millrace', 'PLAN_LEAKS_TARGET', 'Refused: late → features.late: "late" is the target.')]);
    await expect(apply(FILE.replace('trees: 3', 'trees: 9'))).rejects.toThrow('Refused: late → features.late');
    expect((await at.pipelines.getPipeline({ name: name() })).latestVersion).toBe(`${name()}/versions/1`);
  });

  it('leaves the plan to the run where the contract leaves its columns to the data', async () => {
    const before = at.world.plans.length;
    await apply(FILE.replace(/ {6}columns:\n( {8}.*\n)+/, ''));
    expect(at.world.plans).toHaveLength(before);
  });

  it('makes one version of two that come at once', async () => {
    const ends = await Promise.allSettled([apply(FILE.replace('trees: 3', 'trees: 5')), apply(FILE.replace('trees: 3', 'trees: 6'))]);
    const lost = ends.filter((end) => end.status === 'rejected');
    const { pipelineVersions } = await at.pipelines.listPipelineVersions({ parent: name() });
    expect(pipelineVersions).toHaveLength(3 - lost.length);
    for (const { reason } of lost) expect(reason).toMatchObject({ reason: 'PIPELINE_CHANGED' });
  });

  it('writes over no state but the one that was read, not even in words or without a change', async () => {
    const { etag } = await at.pipelines.getPipeline({ name: name() });
    expect(await apply(FILE.replace('trees: 3', 'trees: 4'), { etag })).toMatchObject({ changed: true });
    for (const [source, dryRun] of [[FILE.replace('trees: 3', 'trees: 5'), false], [FILE.replace('trees: 3', 'trees: 5'), true], [FILE.replace('trees: 3', 'trees: 4'), false]] as const) await expect(apply(source, { etag, dryRun })).rejects.toMatchObject({ code: 'ABORTED', reason: 'PIPELINE_CHANGED' });
    await expect(apply(FILE.replaceAll('pipeline: late', 'pipeline: never-read'), { etag: '7' })).rejects.toMatchObject({ reason: 'PIPELINE_CHANGED' });
    expect((await at.pipelines.listPipelineVersions({ parent: name() })).pipelineVersions).toHaveLength(2);
  });
});

describe('a pipeline', () => {
  it('is paused and resumed, once each, by its etag', async () => {
    const paused = await at.pipelines.pausePipeline({ name: name(), paused: true, etag: '1' });
    expect(paused).toMatchObject({ paused: true, etag: '2' });
    expect(await at.pipelines.pausePipeline({ name: name(), paused: true })).toEqual(paused);
    await expect(at.pipelines.pausePipeline({ name: name(), paused: false, etag: '1' })).rejects.toMatchObject({ reason: 'PIPELINE_CHANGED' });
    expect(await apply(FILE.replace('trees: 3', 'trees: 4'))).toMatchObject({ changed: true });
    expect((await at.pipelines.getPipeline({ name: name() })).paused, 'a new version leaves it paused').toBe(true);
  });

  it('lists its versions newest first, and its triggers with their guards', async () => {
    for (const trees of [4, 5]) await apply(FILE.replace('trees: 3', `trees: ${trees}`));
    const first = await at.pipelines.listPipelineVersions({ parent: name(), pageSize: 2 });
    const rest = await at.pipelines.listPipelineVersions({ parent: name(), pageSize: 2, pageToken: first.nextPageToken });
    expect([...first.pipelineVersions, ...rest.pipelineVersions].map((version) => version.name.at(-1))).toEqual(['3', '2', '1']);
    const { triggers } = await at.pipelines.listTriggers({ parent: name(), pageSize: 3 });
    expect(triggers.map((trigger) => [trigger.name.split('.')[1], trigger.kind])).toEqual([['drift', Cause_Kind.DRIFT], ['new-data', Cause_Kind.NEW_DATA], ['nightly', Cause_Kind.SCHEDULE]]);
    expect(triggers[0]?.guards).toEqual({ cooldownSeconds: 604_800n, minNewLabels: 100n, maxConcurrent: 1 });
    expect(triggers[2]?.nextTime).toEqual(expect.any(Date));
  });

  it('is found, with its versions, or said not to be there', async () => {
    expect((await at.pipelines.listPipelines({ pageSize: 1_000 })).pipelines.map((pipeline) => pipeline.name)).toContain(name());
    expect((await at.pipelines.getPipelineVersion({ name: `${name()}/versions/latest` })).name).toBe(`${name()}/versions/1`);
    await expect(at.pipelines.getPipeline({ name: 'pipelines/none' })).rejects.toThrow('Pipeline pipelines/none does not exist; apply its file first.');
    await expect(at.pipelines.getPipelineVersion({ name: `${name()}/versions/9` })).rejects.toThrow(`Pipeline version ${name()}/versions/9 does not exist; list the versions to see which do.`);
    await expect(at.pipelines.createPipelineRun({ pipeline: 'pipelines/none' })).rejects.toMatchObject({ reason: 'PIPELINE_NOT_FOUND' });
  });

  it('starts nothing any more when it is deleted, and its history stays', async () => {
    const run = await at.ended(await at.start());
    const before = await at.pipelines.getPipeline({ name: name() });
    const remove = (request: object = {}) => at.pipelines.deletePipeline({ name: name(), ...request });
    await expect(remove({ etag: '9' })).rejects.toMatchObject({ code: 'ABORTED', reason: 'PIPELINE_CHANGED' });
    const deleted = await remove({ etag: before.etag, requestId: `delete-${at.pipeline}` });
    expect(deleted).toMatchObject({ name: name(), deleteTime: expect.any(Date) });
    expect(await remove({ etag: before.etag, requestId: `delete-${at.pipeline}` }), 'the same request again').toEqual(deleted);
    await expect(remove()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PIPELINE_DELETED' });
    const listed = async (showDeleted: boolean) => (await at.pipelines.listPipelines({ pageSize: 1_000, showDeleted })).pipelines.map((pipeline) => pipeline.name);
    expect([await listed(false), await listed(true)]).toEqual([expect.not.arrayContaining([name()]), expect.arrayContaining([name()])]);
    expect((await at.pipelines.listTriggers({ parent: name() })).triggers).toEqual([]);
    await expect(at.start()).rejects.toMatchObject({ reason: 'PIPELINE_DELETED', message: expect.stringContaining('apply its file to bring it back') });
    await expect(at.pipelines.pausePipeline({ name: name(), paused: true })).rejects.toMatchObject({ reason: 'PIPELINE_DELETED' });
    await at.home.bus.publish([toRecord(catalogue.ingestion.datasetVersionCreated, '/spec', { datasetVersion: DatasetVersion.fromPartial({ name: 'datasets/flights/versions/9', eventTimeMax: new Date(0) }) }, { id: `deleted-${at.pipeline}` })]);
    await at.restart();
    expect(await at.pipelines.getPipelineRun({ name: run.name })).toEqual(run);
    expect((await at.pipelines.getPipelineVersion({ name: `${name()}/versions/latest` })).source).toBe(at.named(FILE));
    expect(await at.runs()).toHaveLength(1);
  });

  it('comes back with its history when its file is applied again', async () => {
    await at.pipelines.deletePipeline({ name: name() });
    expect(await apply(FILE)).toMatchObject({ changed: true, changes: ['the pipeline was deleted, and is back'], pipelineVersion: { name: `${name()}/versions/2` } });
    expect(await at.pipelines.getPipeline({ name: name() })).toMatchObject({ deleteTime: undefined });
    expect((await at.pipelines.listTriggers({ parent: name() })).triggers).toHaveLength(4);
    expect((await at.ended(await at.start())).status?.state).toBe('JOB_STATE_SUCCEEDED');
  });

  it('is not deleted while it runs, unless its runs may be cancelled; what its triggers held is let go', async () => {
    at.world.held.add('train');
    const run = await at.start();
    await at.step(run, 'train', 'RUNNING');
    await at.home.bus.publish([toRecord(catalogue.ingestion.datasetVersionCreated, '/spec', { datasetVersion: DatasetVersion.fromPartial({ name: 'datasets/flights/versions/1', eventTimeMax: new Date(0) }) }, { id: `held-${at.pipeline}` })]);
    await at.decided('new-data', 'HELD');
    await expect(at.pipelines.deletePipeline({ name: name() })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PIPELINE_RUNNING', metadata: { runs: run.name } });
    expect(await at.pipelines.deletePipeline({ name: name(), force: true })).toMatchObject({ deleteTime: expect.any(Date) });
    expect((await at.ended(run)).status?.state).toBe('JOB_STATE_CANCELLED');
    expect(await at.decided('new-data', 'DROPPED')).toMatchObject({ why: 'the pipeline was deleted' });
  });

  it('tells the form of its file to editors', async () => {
    const { jsonSchema } = await at.pipelines.getPipelineFileSchema({});
    const response = await fetch(`${at.home.httpAddress}/schemas/pipeline-file.json`);
    expect(response.headers.get('content-type')).toContain('application/schema+json');
    expect(await response.json()).toEqual(JSON.parse(jsonSchema));
  });
});
