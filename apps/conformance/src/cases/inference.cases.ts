import { InputGuard_Action } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { catalogue } from '@millrace/events';
import { openTables } from '@millrace/tables';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { day, LAST_DAY } from '@millrace/e2e';
import { flight, row } from '../world/rows.js';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

const { endpointChanged, predictionsLogged, labelsReceived } = catalogue.inference;
const endpoint = 'endpoints/late';
const NOBODY = '01900000-0000-7000-8000-000000000000';
const when = (number: number): Date => new Date(day(LAST_DAY).getTime() + number * 3_600_000);

/** Endpoints, predictions and labels. */
export const inferenceCases = cases({
  'an endpoint answers with the version of its alias, by features that it reads itself': async ({ inference, registry }, world) => {
    await world.late();
    const champion = (await registry.getModelVersion({ name: 'models/late/aliases/champion' })).name;
    expect(await inference.getEndpoint({ name: endpoint })).toMatchObject({ alias: 'models/late/aliases/champion', featureService: 'featureServices/late', modelVersion: champion });
    const { predictions, modelVersion, inputs } = await inference.predict({ endpoint, rows: [flight(2_400, 'ORD'), flight(200, 'SEA')], eventTimes: [when(10), when(10)], explainInputs: true });
    expect(modelVersion).toBe(champion);
    expect(predictions.map(({ score }) => score)).toEqual(SCORES);
    expect(inputs[0]?.values['origin_late_share']?.kind?.value).toBeGreaterThan(0.5);
  },
  'what is answered is logged and told of, and takes its label once': async ({ inference, events }, world) => {
    await world.late();
    const { predictions, modelVersion } = await inference.predict({ endpoint, rows: [flight(700, 'ATL')], eventTimes: [when(11)] });
    const [{ id, score } = { id: '', score: 0 }] = predictions;
    const { record, inputs } = await inference.getPrediction({ endpoint, id });
    expect(record).toMatchObject({ id, score, endpoint, modelVersion, eventTime: when(11) });
    expect(inputs).toEqual(['date', 'distance', 'origin_late_share']);
    expect(record?.asked, 'its key is no input of the model, and is logged beside them').toEqual(row({ origin: 'ATL' }));
    await events.await(predictionsLogged, ({ records }) => records.some((each) => each.id === id));
    expect(await inference.sendFeedback({ endpoint, labels: [{ predictionId: id, value: 1 }] })).toEqual({ accepted: 1n });
    expect(await inference.sendFeedback({ endpoint, labels: [{ predictionId: id, value: 0 }] })).toEqual({ accepted: 0n });
    expect(await inference.getPrediction({ endpoint, id })).toMatchObject({ label: 1 });
    await events.await(labelsReceived, ({ labels }) => labels.some(({ predictionId }) => predictionId === id));
  },
  'a stream is answered in its order, and a refused request does not end it': async ({ inference }, world) => {
    await world.late();
    const request = { endpoint, rows: [flight(500, 'JFK')], eventTimes: [when(12)] };
    const answers: (string | undefined)[] = [];
    for await (const { result } of inference.predictStream([{ request }, { request: { endpoint } }, { request: { endpoint: 'endpoints/nobody', rows: request.rows } }, { request }])) answers.push(result?.$case);
    expect(answers).toEqual(['response', 'error', 'error', 'response']);
  },
  'what is asked of an endpoint is told to who watches, and to who comes back': async ({ inference }, world) => {
    await world.late();
    const changedSince = new Date();
    const { modelVersion } = await inference.predict({ endpoint, rows: [flight(700, 'ATL'), flight(700, 'ORD')], eventTimes: [when(11), when(11)] });
    for await (const { versions, updateTime } of inference.watchEndpointTraffic({ endpoint, changedSince })) {
      expect(updateTime?.getTime()).toBeGreaterThanOrEqual(changedSince.getTime());
      const counted = versions.find((each) => each.modelVersion === modelVersion);
      if (counted && counted.predictions >= 2n) break;
    }
  },
  'REST says the same as gRPC': async ({ inference, post }, world) => {
    await world.late();
    const { status, body } = await post('/v1/endpoints/late:predict', { rows: [{ distance: 2_400, origin: 'ORD' }], eventTimes: [when(10).toISOString()] });
    const { predictions } = await inference.predict({ endpoint, rows: [flight(2_400, 'ORD')], eventTimes: [when(10)] });
    expect({ status, score: (body as { predictions: { score: number }[] }).predictions[0]?.score }).toEqual({ status: 200, score: predictions[0]?.score });
    const { id } = (body as { predictions: { id: string }[] }).predictions[0] ?? { id: '' };
    expect(await post('/v1/endpoints/late:feedback', { labels: [{ predictionId: id, value: 1 }] })).toMatchObject({ status: 200, body: { accepted: expect.anything() } });
    expect(await post('/v1/endpoints/late:predict', { rows: 3 })).toMatchObject({ status: 400, body: { error: { status: 'INVALID_ARGUMENT', details: [{ reason: 'INVALID_BODY', metadata: { place: 'rows' } }] } } });
    expect(await post('/v1/endpoints/nobody:predict', { rows: [{}] })).toMatchObject({ status: 404, body: { error: { details: [{ reason: 'ENDPOINT_NOT_FOUND' }] } } });
  },
  'a request that is wrong is refused, and the place is named': async ({ inference }, world) => {
    await world.late();
    const wrong: readonly (readonly [Parameters<typeof inference.predict>[0], object])[] = [
      [{ rows: [] }, { reason: 'NO_ROWS' }],
      [{ rows: Array.from({ length: 10_001 }, () => flight(1, 'ATL')) }, { reason: 'TOO_MANY_ROWS' }],
      [{ rows: [flight(1, 'ATL')], eventTimes: [when(1), when(2)] }, { reason: 'TIMES_MISMATCH' }],
      [{ rows: [flight(1, 'ATL'), row({ distance: 1 })] }, { reason: 'KEY_MISSING', metadata: { row: '1', column: 'origin' } }],
      [{ rows: [row({ distance: 'far', origin: 'ATL' })] }, { domain: 'plan.millrace', reason: 'CELL_INVALID' }],
    ];
    for (const [request, refusal] of wrong) expect(await refusalOf(inference.predict({ endpoint, ...request }))).toMatchObject({ code: 'INVALID_ARGUMENT', ...refusal });
    expect(await refusalOf(inference.predict({ endpoint: 'endpoints/orders', rows: [row({ amount: 1, colour: 'red' })] }))).toMatchObject({ reason: 'COLUMN_UNKNOWN', metadata: { row: '0', column: 'colour' } });
    const label = (predictionId: string, value: number) => inference.sendFeedback({ endpoint, labels: [{ predictionId, value }] });
    expect(await refusalOf(label('nonsense', 1))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_LABEL', metadata: { index: '0' } });
    expect(await refusalOf(label(NOBODY, Number.NaN))).toMatchObject({ reason: 'INVALID_LABEL' });
    expect(await refusalOf(inference.sendFeedback({ endpoint, labels: Array.from({ length: 10_001 }, () => ({ predictionId: NOBODY, value: 1 })) }))).toMatchObject({ reason: 'TOO_MANY_LABELS' });
    expect(await refusalOf(inference.getPrediction({ endpoint, id: NOBODY }))).toMatchObject({ code: 'NOT_FOUND', reason: 'PREDICTION_NOT_FOUND' });
  },
  'a score is explained by the inputs that moved it, of as many rows as one request may ask': async ({ inference }, world) => {
    await world.late();
    const asked = { endpoint, rows: [flight(2_400, 'ORD')], eventTimes: [when(10)] };
    const { predictions: [told] } = await inference.predict({ ...asked, contributions: 2 });
    const [first, second] = told?.contributions ?? [];
    expect(Math.abs(first?.change ?? 0)).toBeGreaterThanOrEqual(Math.abs(second?.change ?? Number.NaN));
    const typical = first?.typical?.kind?.value;
    const { predictions: [ordinary] } = await inference.predict({ ...asked, rows: [{ values: { ...asked.rows[0]?.values, [first?.input ?? '']: { kind: first?.typical?.kind } } }] });
    expect({ input: first?.input, typical, change: first?.change }).toEqual({ input: first?.input, typical, change: (told?.score ?? 0) - (ordinary?.score ?? 0) });
    expect(await refusalOf(inference.predict({ ...asked, contributions: -1 }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'CONTRIBUTIONS_WRONG' });
    expect(await refusalOf(inference.predict({ endpoint, rows: Array.from({ length: 101 }, () => flight(1, 'ATL')), contributions: 1 }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TOO_MANY_EXPLAINED' });
  },
  'a time that no calendar has is refused': async ({ inference }, world) => {
    await world.late();
    const date = { kind: { $case: 'int64Value' as const, value: 9_000_000_000_000_000_000n } };
    expect(await refusalOf(inference.predict({ endpoint, rows: [{ values: { ...flight(1, 'ATL').values, date } }] }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TIME_INVALID', metadata: { row: '0' } });
  },
  'an endpoint is applied once, guards its inputs, and keeps the features that it serves with from being deleted': async ({ inference, features, events }, world) => {
    await world.late();
    const draft = { name: 'endpoints/guarded', alias: 'models/late/aliases/champion', featureService: 'featureServices/late', guard: { outOfRange: InputGuard_Action.REJECT } };
    const first = await inference.applyEndpoint({ endpoint: draft });
    expect(await inference.applyEndpoint({ endpoint: draft })).toEqual(first);
    expect(await inference.applyEndpoint({ endpoint: { ...draft, etag: first.etag } })).toEqual(first);
    expect(await refusalOf(inference.applyEndpoint({ endpoint: { ...draft, etag: '99' } }))).toMatchObject({ code: 'ABORTED', reason: 'ENDPOINT_CHANGED' });
    const { predictions } = await inference.predict({ endpoint: draft.name, rows: [flight(99_999, 'ORD'), flight(500, 'ORD')], eventTimes: [when(1), when(1)] });
    expect(predictions).toMatchObject([{ refused: expect.stringContaining('distance'), flags: [{ column: 'distance', kind: 'OUT_OF_RANGE' }] }, { refused: '' }]);
    await events.await(endpointChanged, (event) => event.endpoint?.name === draft.name);
    await eventually('the feature store knows of the endpoint', async () => (await features.getFeatureService({ name: draft.featureService })).endpoints.includes(draft.name));
    expect(await refusalOf(features.deleteFeatureService({ name: draft.featureService }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DEFINITION_IN_USE', metadata: { users: expect.stringContaining(draft.name) } });
    expect(await refusalOf(inference.applyEndpoint({ endpoint: { ...draft, featureService: 'nonsense' } }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_ENDPOINT', metadata: { place: 'feature_service' } });
    expect(await refusalOf(inference.applyEndpoint({ endpoint: { ...draft, alias: 'models/nobody/aliases/champion' } }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusalOf(inference.applyEndpoint({}))).toMatchObject({ reason: 'INVALID_NAME' });
  },
  'an endpoint is deleted by who has read it, answers no more, and lets go of its features': async ({ inference, features }, world) => {
    await world.late();
    const draft = { name: 'endpoints/short-lived', alias: 'models/late/aliases/champion', featureService: 'featureServices/late' };
    const { etag } = await inference.applyEndpoint({ endpoint: draft });
    const usedBy = async () => (await features.getFeatureService({ name: draft.featureService })).endpoints;
    await eventually('the feature store knows of the endpoint', async () => (await usedBy()).includes(draft.name));
    expect(await refusalOf(inference.deleteEndpoint({ name: draft.name, etag: '99' }))).toMatchObject({ code: 'ABORTED', reason: 'ENDPOINT_CHANGED' });
    const deleted = await inference.deleteEndpoint({ name: draft.name, etag, requestId: 'delete-endpoint' });
    expect(await inference.deleteEndpoint({ name: draft.name, etag, requestId: 'delete-endpoint' })).toEqual(deleted);
    await eventually('every process lets it go', async () => (await refusalOf(inference.predict({ endpoint: draft.name, rows: [flight(1, 'ATL')] }))).reason === 'ENDPOINT_DELETED');
    await eventually('the feature store lets it go', async () => !(await usedBy()).includes(draft.name));
  },
  'an endpoint follows its alias': async ({ inference, registry, trainer, events }, world) => {
    const { version } = await world.late();
    const { models } = await trainer.getTrainingJob({ name: version.origin?.trainingJob ?? '' });
    const dummy = await registry.createModelVersion({ parent: 'models/followed', modelVersion: { artifact: { digest: models[0]?.artifact?.digest ?? '' } } });
    const trees = await registry.createModelVersion({ parent: 'models/followed', modelVersion: { artifact: { digest: models[1]?.artifact?.digest ?? '' } } });
    const name = 'endpoints/followed';
    await registry.moveAlias({ name: 'models/followed/aliases/live', modelVersion: dummy.name });
    await inference.applyEndpoint({ endpoint: { name, alias: 'models/followed/aliases/live', featureService: 'featureServices/late' } });
    await registry.moveAlias({ name: 'models/followed/aliases/live', modelVersion: trees.name });
    await events.await(endpointChanged, (event) => event.endpoint?.name === name && event.endpoint.modelVersion === trees.name && event.formerVersion === dummy.name);
    await eventually('an answer of the new version', async () => (await inference.predict({ endpoint: name, rows: [flight(1, 'ATL')] })).modelVersion === trees.name);
  },
  'a model is certified by the rows that it was held out': async ({ inference, objects }, world) => {
    const { version } = await world.late();
    const { artifact, paritySample: sample } = version;
    const { rows, equal, maxDifference, environment } = await inference.certifyParity({ ...(artifact ? { artifact } : {}), ...(sample ? { sample } : {}) });
    expect({ equal, maxDifference, node: environment['node'] }).toEqual({ equal: rows, maxDifference: 0, node: expect.stringMatching(/^v/) });
    await using tables = await openTables({ objects });
    const scan = await tables.scan(sample?.digest ?? '');
    const empty = await tables.writeParquet(`SELECT * FROM ${scan} LIMIT 0`);
    const lacking = await tables.writeParquet(`SELECT * EXCLUDE (distance) FROM ${scan}`);
    const certify = (digest: string) => refusalOf(inference.certifyParity({ ...(artifact ? { artifact } : {}), sample: { digest } }));
    expect(await certify(empty.ref.digest)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SAMPLE_EMPTY' });
    expect(await certify(lacking.ref.digest)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SAMPLE_COLUMN_MISSING', metadata: { column: 'distance' } });
  },
});

/** What the model of the story says of two flights, wherever it is asked. */
const SCORES = [0.5936069041571205, 0.20966560023615685];
