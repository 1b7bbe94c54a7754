import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { Split_By, type TrainingJob } from '@millrace/contracts/millrace/trainer/v1/training_job';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { openLocalObjects } from '@millrace/objects';
import { type Client, connect, type PartialRequestOf } from '@millrace/rpc';
import { Scorer } from '@millrace/scoring';
import { openTables } from '@millrace/tables';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainerService } from './index.js';

const DAYS = 40;
const PER_DAY = 60;
const day = (number: number): Date => new Date(Date.UTC(2001, 0, 1 + number));

type Spec = NonNullable<PartialRequestOf<(typeof TrainerServiceDefinition)['methods']['createTrainingJob']>['spec']>;

let directory: string;
let home: Home;
let client: Client<typeof TrainerServiceDefinition> & { close(): void };
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-trainer-'));
  await start();
});
afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  home = await startHome([trainerService, standInService([standIn(FeatureStoreServiceDefinition, {})])], { directory, env });
  client = connect(TrainerServiceDefinition, home.grpcAddress);
}

async function stop(): Promise<void> {
  client.close();
  await home.close();
}

/** Rows of some days, with a target that hangs on `x` and a little on luck; `late` is SQL of the target. */
async function trips({ columns = 'x, s', late = 'CAST(x + hash(i) % 100 / 200.0 > 0.9 AS BIGINT)', text = "['a', 'b', 'c'][1 + range % 3]" }: { columns?: string; late?: string; text?: string } = {}): Promise<Spec> {
  await using tables = await openTables({ objects: await openLocalObjects(join(directory, 'objects')) });
  const rows = `SELECT *, ${late} AS late, 60.0 * (${late}) AS delay FROM (SELECT range AS i, TIMESTAMP '2001-01-01' + INTERVAL (range * ${1440 / PER_DAY}) MINUTE AS "at", hash(range, 1) % 1000 / 1000.0 AS x, ${text} AS s, 'p' || hash(range, 3) % 50 AS person FROM range(${DAYS * PER_DAY}))`;
  const { ref } = await tables.writeParquet(`SELECT "at", ${columns}, late::BIGINT AS late, delay::DOUBLE AS delay FROM (${rows}) ORDER BY "at"`);
  const types: Record<string, ColumnType> = { at: ColumnType.TIMESTAMP, x: ColumnType.FLOAT64, s: ColumnType.STRING, person: ColumnType.STRING, late: ColumnType.INT64, delay: ColumnType.FLOAT64 };
  return {
    objects: [{ digest: ref.digest }],
    schema: { columns: ['at', ...columns.split(', '), 'late', 'delay'].map((name) => ({ name, type: types[name] ?? ColumnType.FLOAT64, nullable: true })) },
    knownAfterEvent: ['late', 'delay'],
    target: 'late',
    eventTimeColumn: 'at',
    split: { trainFrom: day(0), trainTo: day(30), evaluateFrom: day(30), evaluateTo: day(DAYS) },
    planJson: JSON.stringify(columns.includes('s') ? { steps: [{ frequency: { column: 's', as: 'often' } }], features: ['x', 'often'] } : { features: ['x'] }),
    rungs: [
      { name: 'dummy', estimator: 'dummy' },
      { name: 'logistic', estimator: 'logistic' },
      { name: 'trees', estimator: 'trees', paramsJson: '{"trees":20,"leaves":7}' },
    ],
    seed: 7n,
  };
}

const create = (spec: Spec, requestId = ''): Promise<TrainingJob> => client.createTrainingJob({ spec, requestId });

async function ended(job: TrainingJob): Promise<TrainingJob> {
  let last = job;
  for await (const state of client.watchTrainingJob({ name: job.name })) last = state;
  return last;
}

/** Why a job failed; undefined when it did not. */
function faultOf({ status }: TrainingJob): { reason: string; message: string } | undefined {
  const [detail] = status?.error?.details ?? [];
  return detail && { reason: ErrorInfo.decode(detail.value).reason, message: status?.error?.message ?? '' };
}

/** A split by the groups of a column. */
const drawn = (column: string): NonNullable<Spec['split']> => ({ by: Split_By.GROUP, column, evaluateShare: 0.3, seed: 7n, evaluateTo: day(DAYS) });

async function underWay({ name }: TrainingJob): Promise<void> {
  for await (const { status } of client.watchTrainingJob({ name })) if (status?.progress) return;
}

it('refuses at once a plan that peeks, and a spec that contradicts itself, and keeps no job of it', async () => {
  const spec = await trips();
  const refusals: readonly (readonly [Spec, object])[] = [
    [{ ...spec, planJson: '{"features":["x","delay"]}' }, { code: 'FAILED_PRECONDITION', reason: 'PLAN_LEAKS_FUTURE', metadata: { edge: 'delay → features.delay' } }],
    [{ ...spec, planJson: '{"features":["x","late"]}' }, { code: 'FAILED_PRECONDITION', reason: 'PLAN_LEAKS_TARGET', metadata: { edge: 'late → features.late' } }],
    [{ ...spec, planJson: '{"features":["x","y"]}' }, { code: 'INVALID_ARGUMENT', reason: 'COLUMN_UNKNOWN' }],
    [{ ...spec, planJson: '{"features":' }, { reason: 'INVALID_JSON', metadata: { place: 'plan_json' } }],
    [{ ...spec, target: 'tardy' }, { reason: 'INVALID_SPEC', metadata: { place: 'target' } }],
    [{ ...spec, target: 's', planJson: '{"features":["x"]}' }, { reason: 'INVALID_SPEC', message: expect.stringContaining('"s" is a STRING, and a model learns 0 and 1') }],
    [{ ...spec, target: 'at' }, { reason: 'INVALID_SPEC', message: expect.stringContaining('"at" is a TIMESTAMP') }],
    [{ ...spec, eventTimeColumn: 'x' }, { reason: 'INVALID_SPEC', metadata: { place: 'event_time_column' } }],
    [{ ...spec, sliceColumns: ['town'] }, { reason: 'INVALID_SPEC', metadata: { place: 'slice_columns' } }],
    [{ ...spec, split: { ...spec.split, trainTo: day(35) } }, { reason: 'INVALID_SPEC', message: expect.stringContaining('rows that come later') }],
    [{ ...spec, groups: ['s'] }, { reason: 'PLAN_MIXES_GROUPS', metadata: { edge: 's → split by time', column: 's' } }],
    [{ ...spec, groups: ['s'], split: drawn('x') }, { reason: 'PLAN_MIXES_GROUPS', metadata: { edge: 's → split by group', column: 's' } }],
    [{ ...spec, groups: ['town'] }, { reason: 'INVALID_SPEC', metadata: { place: 'groups' } }],
    [{ ...spec, split: drawn('town') }, { reason: 'INVALID_SPEC', metadata: { place: 'split' } }],
    [{ ...spec, split: { ...drawn('s'), evaluateShare: 1 } }, { reason: 'INVALID_SPEC', metadata: { place: 'split' } }],
    [{ ...spec, rungs: [] }, { reason: 'INVALID_SPEC', metadata: { place: 'rungs' } }],
    [{ ...spec, rungs: [{ name: 'champion', estimator: 'dummy' }] }, { reason: 'INVALID_SPEC', message: expect.stringContaining('"champion" is taken') }],
    [{ ...spec, gateJson: '{"better_than":[{"baseline":"nobody","metric":"auc"}]}' }, { message: expect.stringContaining('there is no rung "nobody"') }],
  ];
  for (const [wrong, refusal] of refusals) await expect(create(wrong)).rejects.toMatchObject(refusal);
  expect((await client.listTrainingJobs({})).trainingJobs).toEqual([]);
});

it('fails where the rows cannot teach, and says which split, column and values', async () => {
  const spec = await trips();
  const cases: readonly (readonly [Spec, string, RegExp])[] = [
    [{ ...spec, split: { trainFrom: day(100), trainTo: day(110), evaluateFrom: day(120), evaluateTo: day(130) } }, 'NO_ROWS', /training split from 2001-04-11.* the rows reach from 2001-01-01T00:00:00.000Z to 2001-02-09/],
    [{ ...spec, split: { ...drawn('s'), evaluateShare: 0.001 } }, 'SPLIT_EMPTY', /The split by group with the share 0.001 and the seed 7 leaves no row with a target to the evaluation side/],
    [await trips({ late: "CAST(i >= 1800 AND i % 2 = 0 AS BIGINT)" }), 'ONE_CLASS', /All 1800 rows of the training split have the target 0/],
    [await trips({ late: 'i % 3' }), 'TARGET_NOT_BINARY', /"late" has 600 rows that are neither 0 nor 1, such as 2/],
  ];
  for (const [wrong, reason, message] of cases) expect(faultOf(await ended(await create(wrong)))).toEqual({ reason, message: expect.stringMatching(message) });
});

it('makes the same models on one thread as on two, and puts the champion into the ladder', async () => {
  const spec = await trips();
  const digests: string[][] = [];
  let champion = '';
  for (const threads of ['1', '2']) {
    await stop();
    await start({ MILLRACE_TRAINER_THREADS: threads });
    const job = await ended(await create(spec));
    expect(job.status?.state, faultOf(job)?.message).toBe(JobState.SUCCEEDED);
    expect(job.models.map(({ rung }) => rung)).toEqual(['dummy', 'logistic', 'trees']);
    digests.push(job.models.flatMap(({ modelDigest, planDigest, artifact, paritySample }) => [modelDigest, planDigest, artifact?.digest ?? '', paritySample?.digest ?? '']));
    champion = job.models[1]?.artifact?.digest ?? '';
  }
  expect(digests[1]).toEqual(digests[0]);
  expect(new Set([0, 4, 8].map((i) => digests[0]?.[i])).size).toBe(3);

  const opponent = { modelVersion: 'models/late/versions/1', artifact: { digest: champion } };
  const gateJson = '{"better_than":[{"baseline":"champion","metric":"log_loss","by":0}]}';
  const job = await ended(await create({ ...spec, champion: opponent, gateJson }));
  expect(job.status?.state, faultOf(job)?.message).toBe(JobState.SUCCEEDED);
  const { rungs, gate, rows } = await client.getEvaluation({ name: job.evaluation });
  expect(rows).toBe(BigInt(10 * PER_DAY));
  expect(rungs.map(({ rung }) => rung)).toEqual(['dummy', 'logistic', 'champion', 'trees']);
  // The champion is the logistic model itself, so it has its very figures.
  expect(rungs[2]?.metrics).toEqual(rungs[1]?.metrics);
  const { differences = [] } = rungs[3] ?? {};
  expect([...new Set(differences.map(({ baseline }) => baseline))]).toEqual(['dummy', 'logistic', 'champion']);
  const ahead = differences.find(({ baseline, difference }) => baseline === 'champion' && difference?.metric === 'log_loss')?.difference;
  expect(gate?.checks.map(({ value, passed }) => ({ value, passed }))).toEqual([{ value: ahead?.value, passed: (ahead?.low ?? NaN) > 0 }]);
  expect(gate?.passed).toBe(gate?.checks[0]?.passed);
  // The gate names no column, and `s` is a text input with three values; no slice of it is the worst of what was asked for.
  expect(rungs.map(({ slices, worstSlices }) => [slices.length, worstSlices.length])).toEqual(rungs.map(() => [3, 0]));

  const without = await ended(await create({ ...(await trips({ columns: 's' })), planJson: '{"steps":[{"frequency":{"column":"s","as":"often"}}],"features":["often"]}', champion: opponent }));
  expect(faultOf(without)).toEqual({ reason: 'OPPONENT_INPUT_MISSING', message: expect.stringMatching(/models\/late\/versions\/1 reads the column "x"/) });
});

it('counts what each model decides at each threshold, and how it does in each slice, and leaves both out of a list', async () => {
  const { evaluation } = await ended(await create({ ...(await trips()), sliceColumns: ['s'], gateJson: '{"slices":{"columns":["s"],"min_rows":50}}' }));
  const { rungs, rows, positiveShare } = await client.getEvaluation({ name: evaluation });
  const ones = BigInt(Math.round(positiveShare * Number(rows)));
  for (const { rung, thresholds, slices, averagePrecision, calibration } of rungs) {
    // A model that says the same of every row has one threshold.
    expect(thresholds.length > 1).toBe(rung !== 'dummy');
    expect(thresholds[0]).toMatchObject({ truePositives: ones, falsePositives: rows - ones, falseNegatives: 0n, trueNegatives: 0n });
    for (const { truePositives, falsePositives, falseNegatives, trueNegatives } of thresholds) expect([truePositives + falseNegatives, falsePositives + trueNegatives]).toEqual([ones, rows - ones]);
    expect((averagePrecision ?? 0) >= positiveShare - 1e-12).toBe(true);
    expect(slices.map(({ column, value }) => `${column} ${value}`).sort()).toEqual(['s a', 's b', 's c']);
    expect(slices.reduce((sum, slice) => sum + slice.rows, 0n)).toBe(rows);
    const said = (parts: readonly { readonly predicted: number; readonly rows: bigint }[]): number => parts.reduce((sum, part) => sum + part.predicted * Number(part.rows), 0);
    expect(said(slices)).toBeCloseTo(said(calibration), 6);
    for (const { observed } of slices) expect(observed).toMatchObject({ metric: 'positive_share', low: expect.any(Number) });
  }
  const [listed] = (await client.listEvaluations({ filter: `training_job=trainingJobs/${evaluation.split('/')[1] ?? ''}` })).evaluations;
  expect(listed?.rungs.map(({ thresholds, slices, metrics }) => [thresholds, slices, metrics.length])).toEqual(rungs.map(({ metrics }) => [[], [], metrics.length]));
});

it('keeps people on one side, balances the training rows only, and serves neither', async () => {
  const steps = [{ split: { by: 'group', column: 'person' } }, { frequency: { column: 's', as: 'often' } }];
  const balanced = { resample: { by: 'oversample', to: 1, seed: 3 } };
  const base = { ...(await trips({ columns: 'x, s, person', late: 'CAST(x / 4 + hash(i) % 1000 / 1000.0 > 1.05 AS BIGINT)' })), groups: ['person'], split: drawn('person'), planJson: JSON.stringify({ steps, features: ['x', 'often'] }) };
  const rungs = [
    { name: 'plain', estimator: 'logistic' },
    { name: 'weighted', estimator: 'logistic', stepsJson: JSON.stringify([{ resample: { by: 'weights' } }]) },
    { name: 'raw', estimator: 'trees', paramsJson: '{"trees":20,"leaves":7}', stepsJson: JSON.stringify([{ resample: { by: 'smote', to: 1, seed: 3, calibrate: false } }]) },
    { name: 'balanced', estimator: 'trees', paramsJson: '{"trees":20,"leaves":7}', stepsJson: JSON.stringify([balanced]) },
  ];
  const digests: (readonly string[])[] = [];
  for (const threads of ['1', '2']) {
    await stop();
    await start({ MILLRACE_TRAINER_THREADS: threads });
    const job = await ended(await create({ ...base, rungs }));
    expect(job.status?.state, faultOf(job)?.message).toBe(JobState.SUCCEEDED);
    digests.push(job.models.map(({ modelDigest }) => modelDigest));
    expect(job.spec?.split).toMatchObject({ by: Split_By.GROUP, column: 'person', evaluateShare: 0.3, seed: 7n });
    for (const { inputs } of job.models) expect(inputs?.columns.map(({ name }) => name)).toEqual(['x', 's']);
    const evaluation = await client.getEvaluation({ name: job.evaluation });
    const [plain = 0n, weighted, raw = 0n, oversampled] = job.models.map(({ trainingRows }) => trainingRows);
    expect(plain + evaluation.rows).toBe(BigInt(DAYS * PER_DAY));
    expect(weighted).toBe(plain);
    expect(raw, 'made-up rows are trained on').toBeGreaterThan(plain);
    expect(oversampled).toBe(raw);
    const gap = (rung: string): number => (evaluation.rungs.find((each) => each.rung === rung)?.calibration ?? []).reduce((sum, { predicted, observed, rows }) => sum + (predicted - observed) * Number(rows), 0) / Number(evaluation.rows);
    expect(Math.abs(gap('plain'))).toBeLessThan(0.05);
    expect(Math.abs(gap('balanced'))).toBeLessThan(0.05);
    expect(gap('raw'), 'without putting the odds back').toBeGreaterThan(0.1);
  }
  expect(digests[1]).toEqual(digests[0]);
  await expect(create({ ...base, rungs: [{ name: 'a', estimator: 'trees', stepsJson: JSON.stringify([{ resample: { by: 'weights' } }]) }] })).rejects.toMatchObject({ reason: 'WEIGHTS_UNSUPPORTED' });
  await expect(create({ ...base, planJson: JSON.stringify({ steps: [balanced, ...steps], features: ['x', 'often'] }) })).rejects.toMatchObject({ reason: 'PLAN_RESAMPLES_BEFORE_SPLIT' });
});

it('draws the rows that the plan asks for, says of how many, and judges on rows as they come', async () => {
  const base = await trips({ columns: 'x, s, person' });
  const steps = [{ sample: { id: 'people', by: 'cluster', column: 'person', share: 0.6, seed: 5 } }, { split: { column: 'at' } }, { sample: { id: 'some', by: 'stratified', column: 's', count: 600, seed: 5 } }, { standard: { column: 'x' } }];
  const spec: Spec = { ...base, planJson: JSON.stringify({ steps, features: ['x'] }), rungs: [{ name: 'dummy', estimator: 'dummy' }, { name: 'trees', estimator: 'trees', paramsJson: '{"trees":20,"leaves":7}' }] };
  const made: (readonly string[])[] = [];
  for (const threads of ['1', '2']) {
    await stop();
    await start({ MILLRACE_TRAINER_THREADS: threads });
    const job = await ended(await create(spec));
    expect(job.status?.state, faultOf(job)?.message).toBe(JobState.SUCCEEDED);
    made.push(job.models.map(({ artifact }) => artifact?.digest ?? ''));
    const { samples: [people, some], rows } = await client.getEvaluation({ name: job.evaluation });
    expect(people).toMatchObject({ step: 'people', by: 'cluster', columns: ['person'], beforeSplit: true, seed: 5n, rowsBefore: BigInt(DAYS * PER_DAY), groupsBefore: 50n });
    expect(Number(people?.groups)).toBeGreaterThan(20);
    expect(Number(people?.groups)).toBeLessThan(40);
    expect(some).toMatchObject({ step: 'some', by: 'stratified', beforeSplit: false, rows: 600n, rowsBefore: (people?.rows ?? 0n) - rows });
    expect(some?.strata.map(({ stratum }) => stratum).sort()).toEqual(['1:a', '1:b', '1:c']);
    expect(some?.strata.reduce((sum, stratum) => sum + stratum.rows, 0n)).toBe(600n);
    for (const stratum of some?.strata ?? []) expect(Math.abs(Number(stratum.rows) - (600 * Number(stratum.rowsBefore)) / Number(some?.rowsBefore))).toBeLessThan(1);
    expect(job.models.map(({ trainingRows }) => trainingRows)).toEqual([600n, 600n]);
  }
  expect(made[1]).toEqual(made[0]);
  await expect(create({ ...spec, planJson: JSON.stringify({ steps: [{ sample: { id: 'kept', by: 'cluster', column: 'late', count: 1 } }], features: ['x'] }) })).rejects.toMatchObject({ reason: 'PLAN_SAMPLES_BY_OUTCOME', metadata: { edge: 'late → sample "kept"', column: 'late' } });
  await expect(create({ ...base, rungs: [{ name: 'trees', estimator: 'trees', stepsJson: '[{"sample":{"by":"random","share":0.5}}]' }] })).rejects.toMatchObject({ reason: 'INVALID_SPEC', message: expect.stringContaining('put it into the steps of the plan') });
  const few = await ended(await create({ ...base, planJson: JSON.stringify({ steps: [{ sample: { id: 'few', by: 'random', share: 0.000001 } }], features: ['x'] }) }));
  expect(faultOf(few)).toEqual({ reason: 'SAMPLE_EMPTY', message: 'step "few" (sample) draws none of 1800 rows; raise the share or the count.' });
});

it('learns nothing from texts that say nothing, also where the target encodes them and each comes only a few times', async () => {
  const spec = await trips({ text: "'word ' || hash(range, 2) % 900" });
  const planJson = '{"steps":[{"target":{"column":"s","smoothing":0}}],"features":["s_target"]}';
  const job = await ended(await create({ ...spec, planJson, rungs: [{ name: 'dummy', estimator: 'dummy' }, { name: 'logistic', estimator: 'logistic', stepsJson: '[{"impute":{"columns":"features"}}]' }] }));
  expect(job.status?.state, faultOf(job)?.message).toBe(JobState.SUCCEEDED);
  const { rungs } = await client.getEvaluation({ name: job.evaluation });
  const [dummy = NaN, logistic = NaN] = rungs.map(({ metrics }) => metrics.find(({ metric }) => metric === 'log_loss')?.value);
  // A row that saw its own target would teach the model to trust the encoding, and new rows would pay for it.
  expect(logistic).toBeLessThan(dummy + 0.02);
});

it('leaves rows out of training only: all rows evaluate, the signature has what is left, and the job counts and keeps what went', async () => {
  const spec = await trips({ columns: 'x, s', text: "CASE WHEN range % 4 > 0 THEN 'a' END" });
  const steps = [{ droprows: { id: 'known', column: 's' } }, { frequency: { column: 's', as: 'often' } }];
  const features = ['x', 'often'];
  const logistic = [{ name: 'logistic', estimator: 'logistic', stepsJson: '[{"impute":{"columns":"features"}}]' }];
  const tidy = { name: 'tidy', estimator: 'logistic', stepsJson: '[{"outliers":{"id":"far","column":"x","by":"z","width":1.2,"action":"quarantine"}},{"impute":{"columns":"features"}}]' };
  const job = await ended(await create({ ...spec, planJson: JSON.stringify({ steps, features }), rungs: [...logistic, tidy] }));
  expect(job.status?.state, faultOf(job)?.message).toBe(JobState.SUCCEEDED);
  const rows = 30 * PER_DAY;
  const [left = 0, tidied = 0] = job.models.map(({ trainingRows }) => Number(trainingRows));
  expect(left).toBe((rows * 3) / 4);
  expect(tidied).toBeLessThan(left);
  const evaluation = await client.getEvaluation({ name: job.evaluation });
  expect(evaluation.rungs).toHaveLength(2);
  expect(evaluation.rows).toBe(BigInt((DAYS - 30) * PER_DAY));
  const objects = await openLocalObjects(join(directory, 'objects'));
  const known = { step: 'step "known" (droprows)', column: 's', rows: BigInt(rows / 4), quarantine: undefined };
  const leftOut = job.models.map((model) => model.leftOut);
  expect(leftOut).toMatchObject([[known], [known, { step: 'step "far" (outliers)', column: 'x', rows: BigInt(left - tidied), quarantine: { rows: BigInt(left - tidied) } }]]);
  await using tables = await openTables({ objects });
  const [aside] = await tables.rows<{ rows: bigint; nearest: number; unknown: bigint }>(`SELECT count(*) AS rows, min(abs(x - 0.5)) AS nearest, count(*) FILTER (s IS NULL) AS unknown FROM ${await tables.scan(leftOut[1]?.[1]?.quarantine?.digest ?? '')}`);
  expect(aside).toMatchObject({ rows: BigInt(left - tidied), unknown: 0n });
  expect(aside?.nearest, 'beyond 1.2 deviations of an even spread').toBeGreaterThan(0.3);
  const scorer = await Scorer.open(objects, job.models[0]?.artifact?.digest ?? '');
  // A guard can refuse what training never had.
  expect(scorer.artifact.signature.inputs.map(({ name, nullable }) => [name, nullable])).toEqual([['x', false], ['s', false]]);
  await scorer.close();
  expect(faultOf(await ended(await create({ ...(await trips({ text: 'NULL::VARCHAR' })), planJson: JSON.stringify({ steps: steps.slice(0, 1), features: ['x'] }), rungs: [{ name: 'dummy', estimator: 'dummy' }] })))).toMatchObject({ reason: 'ROWS_LEFT_OUT', message: expect.stringContaining('its steps leave every one out') });
});

it('cancels a job, begins one anew that was killed, and goes on with one after a restart', async () => {
  const spec = { ...(await trips()), rungs: [{ name: 'trees', estimator: 'trees', paramsJson: '{"trees":400,"leaves":31}' }] };
  const cancelled = await create(spec);
  await underWay(cancelled);
  await client.cancelTrainingJob({ name: cancelled.name });
  expect((await ended(cancelled)).status?.state).toBe(JobState.CANCELLED);

  const killed = await create(spec, 'killed');
  await underWay(killed);
  const { pid } = JSON.parse(readFileSync(join(directory, 'trainer/jobs', killed.name.replace('trainingJobs/', ''), 'claim.1.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  expect((await ended(killed)).status?.state).toBe(JobState.SUCCEEDED);
  expect((await create(spec, 'killed')).name).toBe(killed.name);

  const stopped = await create(spec);
  await underWay(stopped);
  await stop();
  await start();
  expect((await ended(stopped)).models.map(({ modelDigest }) => modelDigest)).toEqual((await client.getTrainingJob({ name: killed.name })).models.map(({ modelDigest }) => modelDigest));
  await expect.poll(() => readdirSync(join(directory, 'trainer/jobs'))).toEqual([]);
});
