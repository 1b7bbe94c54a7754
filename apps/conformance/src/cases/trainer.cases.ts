import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { Split_By } from '@millrace/contracts/millrace/trainer/v1/training_job';
import type { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { catalogue } from '@millrace/events';
import type { PartialRequestOf } from '@millrace/rpc';
import { openTables } from '@millrace/tables';
import { expect } from 'vitest';
import type { Home } from '../home/home.js';
import { ended } from '../world/dirty.js';
import { day } from '@millrace/e2e';
import { cases } from './case.js';
import { reasonOf } from './job-fault.js';
import { refusalOf } from './names.cases.js';

type Spec = NonNullable<PartialRequestOf<(typeof TrainerServiceDefinition)['methods']['createTrainingJob']>['spec']>;

const DAYS = 40;
const A_DAY = 60;
const SCHEMA = { columns: [{ name: 'at', type: ColumnType.TIMESTAMP }, { name: 'x', type: ColumnType.FLOAT64, nullable: true }, { name: 's', type: ColumnType.STRING }, { name: 'late', type: ColumnType.INT64 }, { name: 'delay', type: ColumnType.FLOAT64 }] };
const { trainingJobFinished, evaluationFinished } = catalogue.trainer;

/** Rows of forty days with a target that hangs on `x` and a little on luck; `x` and `late` are SQL. */
async function trips({ objects }: Home, { late = 'CAST(hash(i, 1) % 1000 / 1000.0 + hash(i) % 100 / 200.0 > 0.9 AS BIGINT)', x = 'hash(i, 1) % 1000 / 1000.0' } = {}): Promise<Spec> {
  await using tables = await openTables({ objects });
  const { ref } = await tables.writeParquet(`SELECT TIMESTAMP '2001-01-01' + INTERVAL (i * ${1_440 / A_DAY}) MINUTE AS "at", (${x})::DOUBLE AS x, ['a', 'b', 'c'][1 + i % 3] AS s, (${late})::BIGINT AS late, 60.0::DOUBLE AS delay FROM range(${DAYS * A_DAY}) r(i) ORDER BY i`);
  return {
    objects: [{ digest: ref.digest }],
    schema: SCHEMA,
    knownAfterEvent: ['late', 'delay'],
    target: 'late',
    eventTimeColumn: 'at',
    split: { trainFrom: day(0), trainTo: day(30), evaluateFrom: day(30), evaluateTo: day(DAYS) },
    planJson: '{"features":["x"]}',
    rungs: [{ name: 'dummy', estimator: 'dummy' }, { name: 'trees', estimator: 'trees', paramsJson: '{"trees":20,"leaves":7}' }],
    seed: 7n,
  };
}

const smote = (options: string) => [{ name: 'trees', estimator: 'trees', stepsJson: JSON.stringify([{ resample: { by: 'smote', ...(JSON.parse(options) as object) } }]) }];

/** Training jobs, their evaluations, and the checks before them. */
export const trainerCases = cases({
  'a plan is described with the columns on each edge, and refused as it would be in training': async ({ trainer }) => {
    const describe = (planJson: string, rungStepsJson = '') => trainer.describePlan({ planJson, schema: SCHEMA, rungStepsJson });
    const { plan } = await describe('{"steps":[{"impute":{"id":"fill","column":"x"}}],"features":["x"]}', '[{"standard":{"id":"scale","columns":"features"}}]');
    const x = { name: 'x', type: ColumnType.FLOAT64 };
    expect(plan).toMatchObject({ inputs: [{ ...x, nullable: true }], steps: [{ id: 'fill', kind: 'impute', role: 'clean', inputs: [{ column: x, from: '' }], outputs: [x], state: '' }, { id: 'scale', inputs: [{ column: x, from: 'fill' }] }], features: [{ column: x, from: 'scale' }] });
    expect(JSON.parse(plan?.steps[0]?.optionsJson ?? '')).toMatchObject({ strategy: 'median' });
    expect(await refusalOf(describe('{"features":["y"]}'))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'COLUMN_UNKNOWN' });
    expect(await refusalOf(describe('{"features":["x"]}', '{}'))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_SPEC', metadata: { place: 'rung_steps_json' } });
  },
  'a job trains a ladder to the same bits in every home, once for a request id, and tells of it': async (home) => {
    const { trainer, events } = home;
    const spec = await trips(home);
    const created = await trainer.createTrainingJob({ spec, requestId: 'job-1' });
    const job = await ended(trainer.watchTrainingJob({ name: created.name }));
    expect(job).toMatchObject({ status: { state: JobState.SUCCEEDED }, models: [{ rung: 'dummy' }, { rung: 'trees' }] });
    expect(job.models.map(({ modelDigest }) => modelDigest)).toEqual(['sha256:93c708fd0d667e728e297ca8f995ad70a127ea4dda9bde74d82ebe363d56c19c', 'sha256:475dc83db971f39bad7ec1580c424d24d81be04a216d5669265534d38daa33b6']);
    expect(await trainer.createTrainingJob({ spec, requestId: 'job-1' })).toEqual(job);
    expect(await trainer.getTrainingJob({ name: job.name })).toEqual(job);
    const evaluation = await trainer.getEvaluation({ name: job.evaluation });
    expect(evaluation).toMatchObject({ trainingJob: job.name, rows: BigInt(10 * A_DAY), rungs: [{ rung: 'dummy' }, { rung: 'trees' }], gate: { passed: true } });
    // A list leaves out what is told threshold by threshold and slice by slice.
    const listed = { ...evaluation, rungs: evaluation.rungs.map((rung) => ({ ...rung, thresholds: [], slices: [] })) };
    expect((await trainer.listEvaluations({ filter: `training_job=${job.name}` })).evaluations).toEqual([listed]);
    await events.await(trainingJobFinished, ({ trainingJob }) => trainingJob?.name === job.name);
    await events.await(evaluationFinished, (event) => event.evaluation?.name === job.evaluation);
    expect(await refusalOf(trainer.cancelTrainingJob({ name: job.name }))).toMatchObject({ code: 'FAILED_PRECONDITION', domain: 'trainer.millrace', reason: 'TRAINING_JOB_FINAL' });
  },
  'a job is cancelled, and nothing of it is kept': async (home) => {
    const spec = { ...(await trips(home)), rungs: [{ name: 'trees', estimator: 'trees', paramsJson: '{"trees":2000,"leaves":63}' }] };
    const { name } = await home.trainer.createTrainingJob({ spec });
    await home.trainer.cancelTrainingJob({ name });
    expect(await ended(home.trainer.watchTrainingJob({ name }))).toMatchObject({ status: { state: JobState.CANCELLED }, models: [], evaluation: '' });
    expect(await refusalOf(home.trainer.getEvaluation({ name: name.replace('trainingJobs', 'evaluations') }))).toMatchObject({ code: 'NOT_FOUND', reason: 'EVALUATION_NOT_FOUND' });
  },
  'a spec that contradicts itself or peeks is refused, and the place is named': async (home) => {
    const spec = await trips(home);
    const wrong: readonly (readonly [Spec | undefined, object])[] = [
      [undefined, { reason: 'INVALID_SPEC', metadata: { place: 'spec' } }],
      [{ ...spec, planJson: '{"features":["x","delay"]}' }, { code: 'FAILED_PRECONDITION', reason: 'PLAN_LEAKS_FUTURE', metadata: { edge: 'delay → features.delay' } }],
      [{ ...spec, planJson: '{"features":["x","late"]}' }, { code: 'FAILED_PRECONDITION', reason: 'PLAN_LEAKS_TARGET', metadata: { edge: 'late → features.late' } }],
      [{ ...spec, planJson: '{"features":' }, { code: 'INVALID_ARGUMENT', reason: 'INVALID_JSON', metadata: { place: 'plan_json' } }],
      [{ ...spec, target: 'tardy' }, { code: 'INVALID_ARGUMENT', reason: 'INVALID_SPEC', metadata: { place: 'target' } }],
      [{ ...spec, eventTimeColumn: 'x' }, { reason: 'INVALID_SPEC', metadata: { place: 'event_time_column' } }],
      [{ ...spec, rungs: [] }, { reason: 'INVALID_SPEC', metadata: { place: 'rungs' } }],
      [{ ...spec, split: { ...spec.split, trainTo: day(35) } }, { reason: 'INVALID_SPEC', metadata: { place: 'split' } }],
      [{ ...spec, trainingSet: 'trainingSets/nobody', objects: [] }, { code: 'NOT_FOUND', reason: 'TRAINING_SET_NOT_FOUND' }],
    ];
    for (const [given, refusal] of wrong) expect(await refusalOf(home.trainer.createTrainingJob(given ? { spec: given } : {}))).toMatchObject(refusal);
  },
  'a training set that is not ready is refused': async (home, world) => {
    const { version } = await world.trips();
    const { name } = await home.features.createTrainingSet({ trainingSet: { spine: { datasetVersion: version, from: new Date('2030-01-01') } } });
    await ended(home.features.watchTrainingSet({ name }));
    const { objects: _objects, schema: _schema, ...spec } = await trips(home);
    expect(await refusalOf(home.trainer.createTrainingJob({ spec: { ...spec, trainingSet: name } }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'TRAINING_SET_NOT_READY', metadata: { name } });
  },
  'a job fails over rows that cannot teach, and says why': async (home) => {
    const spec = await trips(home);
    const wrong: readonly (readonly [string, Spec])[] = [
      ['NO_ROWS', { ...spec, split: { trainFrom: day(100), trainTo: day(110), evaluateFrom: day(120), evaluateTo: day(130) } }],
      ['ONE_CLASS', await trips(home, { late: 'CASE WHEN i >= 1800 THEN i % 2 ELSE 0 END' })],
      ['TARGET_NOT_BINARY', await trips(home, { late: 'i % 3' })],
      ['FEATURE_MISSING', { ...(await trips(home, { x: 'CASE WHEN i % 7 > 0 THEN i END' })), rungs: [{ name: 'logistic', estimator: 'logistic' }] }],
      ['FEATURE_INFINITE', { ...(await trips(home, { x: "CASE WHEN i % 7 > 0 THEN i ELSE 'inf'::DOUBLE END" })), rungs: [{ name: 'logistic', estimator: 'logistic' }] }],
      ['SPLIT_EMPTY', { ...spec, split: { by: Split_By.GROUP, column: 's', evaluateShare: 0.001, seed: 7n, evaluateTo: day(DAYS) } }],
      ['SAMPLE_EMPTY', { ...spec, planJson: '{"steps":[{"sample":{"by":"random","share":0.000001}}],"features":["x"]}' }],
      ['SMOTE_MISSING', { ...(await trips(home, { x: 'CASE WHEN i % 7 > 0 THEN i END' })), rungs: smote('{}') }],
      ['SMOTE_TOO_FEW', { ...(await trips(home, { late: 'CASE WHEN i % 60 = 0 THEN 1 ELSE 0 END' })), rungs: smote('{"neighbours":50}') }],
      ['FIT_NO_VALUES', { ...(await trips(home, { x: 'NULL' })), planJson: '{"steps":[{"standard":{"column":"x"}}],"features":["x"]}' }],
      ['FIT_NO_COLUMNS', { ...(await trips(home, { x: 'CASE WHEN i % 7 > 0 THEN i END' })), planJson: '{"steps":[{"dropmissing":{"column":"x","above":0}},{"pca":{"column":"x","components":1}}],"features":["pc1"]}' }],
      ['ROWS_LEFT_OUT', { ...(await trips(home, { x: 'NULL' })), planJson: '{"steps":[{"droprows":{"column":"x"}}],"features":["x"]}' }],
      ['FIT_EXPLAINS_LITTLE', { ...(await trips(home, { x: 'i' })), planJson: '{"steps":[{"expression":{"formula":"x % 700","as":"y"}},{"pca":{"columns":["x","y"],"components":1,"explains":1}}],"features":["pc1"]}' }],
    ];
    const jobs = await Promise.all(wrong.map(async ([reason, given]) => [reason, (await home.trainer.createTrainingJob({ spec: given })).name] as const));
    for (const [reason, name] of jobs) expect(reasonOf((await ended(home.trainer.watchTrainingJob({ name }))).status)).toBe(reason);
  },
  'a champion must be able to answer the rows': async (home) => {
    const spec = await trips(home);
    const [job] = (await home.trainer.listTrainingJobs({ filter: 'state=SUCCEEDED', pageSize: 1 })).trainingJobs;
    const champion = { modelVersion: 'models/any/versions/1', artifact: { digest: job?.models.at(-1)?.artifact?.digest ?? '' } };
    const columns = SCHEMA.columns.map((column) => (column.name === 'x' ? { ...column, name: 'y' } : column));
    await using tables = await openTables({ objects: home.objects });
    const { ref } = await tables.writeParquet(`SELECT "at", x AS y, s, late, delay FROM ${await tables.scan(spec.objects?.[0]?.digest ?? '')}`);
    const { name } = await home.trainer.createTrainingJob({ spec: { ...spec, champion, schema: { columns }, objects: [{ digest: ref.digest }], planJson: '{"features":["y"]}' } });
    expect(reasonOf((await ended(home.trainer.watchTrainingJob({ name }))).status)).toBe('OPPONENT_INPUT_MISSING');
  },
  'a plan is checked without running anything': async ({ trainer }) => {
    const sound = { planJson: '{"steps":[{"clip":{"column":"x","min":0,"as":"y"}}],"features":["y"]}', schema: SCHEMA, knownAfterEvent: ['late', 'delay'], target: 'late', eventTimeColumn: 'at' };
    expect(await trainer.checkPlan(sound)).toEqual({ planDigest: 'sha256:aae6b51f373f04a08cd55bc96226ef75ee1eeaa24fc1ecc513aa81f0844c9174', features: ['y'] });
    const plan = (steps: readonly unknown[], features: readonly string[] = ['x']) => ({ planJson: JSON.stringify({ steps, features }) });
    const wrong: readonly (readonly [string, object])[] = [
      ['PLAN_INVALID', { planJson: '{"steps":3}' }],
      ['KIND_UNKNOWN', plan([{ magic: { column: 'x' } }])],
      ['STEP_REPEATED', plan([{ clip: { id: 'a', column: 'x', min: 0 } }, { clip: { id: 'a', column: 'x', min: 0 } }])],
      ['COLUMN_UNKNOWN', plan([], ['z'])],
      ['COLUMN_TYPE', plan([{ standard: { column: 's' } }])],
      ['COLUMN_COUNT', plan([{ expr: { op: 'ratio', columns: ['x', 'delay', 'late'], as: 'r' } }])],
      ['OUTPUT_NAMES', plan([{ clip: { column: 'x', min: 0, as: ['a', 'b'] } }])],
      ['FEATURES_MISSING', { planJson: '{"steps":[]}' }],
      ['FEATURE_REPEATED', plan([], ['x', 'x'])],
      ['FEATURE_TYPE', plan([], ['s'])],
      ['PLAN_TOO_LARGE', plan(Array.from({ length: 1_001 }, () => ({ clip: { column: 'x', min: 0 } })))],
      ['PLAN_FITS_BEFORE_SPLIT', plan([{ standard: { column: 'x' } }, { split: { column: 'at' } }])],
      ['PLAN_RESAMPLES_BEFORE_SPLIT', plan([{ resample: { by: 'oversample' } }, { split: { column: 'at' } }])],
      ['PLAN_RESAMPLES_EVALUATION', plan([{ resample: { by: 'undersample', rows: 'all' } }])],
      ['PLAN_FITS_RESAMPLED', plan([{ resample: { by: 'weights' } }, { standard: { column: 'x' } }])],
      ['PLAN_SAMPLES_BY_OUTCOME', plan([{ sample: { by: 'cluster', column: 'late', count: 1 } }])],
      ['PLAN_SAMPLES_LATE', plan([{ standard: { column: 'x' } }, { sample: { by: 'random', share: 0.5 } }])],
      ['PLAN_SPLITS_OTHERWISE', plan([{ split: { by: 'random' } }])],
      ['PLAN_MIXES_GROUPS', { groups: ['s'], split: { by: Split_By.RANDOM } }],
      ['WEIGHTS_UNSUPPORTED', { ...sound, rungs: [{ name: 'a', estimator: 'trees', stepsJson: '[{"resample":{"by":"weights"}}]' }] }],
      ['ESTIMATOR_UNKNOWN', { ...sound, rungs: [{ name: 'a', estimator: 'forest' }] }],
      ['PARAM_INVALID', { ...sound, rungs: [{ name: 'a', estimator: 'trees', paramsJson: '{"trees":-1}' }] }],
      ['GATE_INVALID', { ...sound, rungs: [{ name: 'a', estimator: 'dummy' }], gateJson: '{"better_than":[{"baseline":"nobody","metric":"auc"}]}' }],
    ];
    for (const [reason, change] of wrong) expect({ asked: reason, got: (await refusalOf(trainer.checkPlan({ ...sound, ...change }))).reason }).toEqual({ asked: reason, got: reason });
  },
});
