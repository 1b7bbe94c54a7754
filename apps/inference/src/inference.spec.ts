import { afterAll, beforeAll, expect, it } from 'vitest';
import { InputGuard_Action } from '@millrace/contracts/millrace/inference/v1/endpoint';
import type { Row } from '@millrace/contracts/millrace/type/v1/value';
import { answerFeatures, ALIAS, type Home, openHome } from './home.fixture.js';
import { toRow } from './inference.wire.js';
import { makeModel } from './model.fixture.js';

const ENDPOINT = 'endpoints/late';
const FEATURED = 'endpoints/late-featured';
const STRICT = 'endpoints/late-strict';

let home: Home;
beforeAll(async () => {
  home = await openHome();
  home.pointAlias(await makeModel(home.objects, 3));
  await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } });
  await home.client.applyEndpoint({ endpoint: { name: FEATURED, alias: ALIAS, featureService: 'featureServices/late' } });
  await home.client.applyEndpoint({ endpoint: { name: STRICT, alias: ALIAS, guard: { outOfRange: InputGuard_Action.REJECT, unseenCategory: InputGuard_Action.REJECT, missing: InputGuard_Action.REJECT } } });
});
afterAll(() => home.close());

const PREDICT = '/v1/endpoints/late:predict';
interface Answer {
  readonly predictions: readonly { readonly id: string; readonly score: number; readonly refused: string; readonly flags: readonly { readonly column: string; readonly kind: string }[] }[];
  readonly modelVersion: string;
  readonly inputs?: readonly Record<string, unknown>[];
}
const rest = async (body: object, path = PREDICT): Promise<Answer> => {
  const answer = await home.post(path, JSON.stringify(body));
  expect(answer).toMatchObject({ status: 200 });
  return answer.body as Answer;
};
/** What REST says of a body that it refuses. */
const refusal = async (body: object | string | Uint8Array, path = PREDICT): Promise<string> => {
  const answer = await home.post(path, typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  const { error } = answer.body as { error: { code: number; message: string } };
  expect(error.code).toBe(answer.status);
  return `${answer.status} ${error.message}`;
};
/** The row number `i` in JSON, and the very same as a message. */
const jsonRow = (i: number) => ({ date: new Date(Date.UTC(2001, 3, 1, i)).toISOString(), distance: 100 + ((i * 37) % 1000), origin: ['ATL', 'JFK', 'ORD', 'LAX'][i % 4], ...(i % 3 === 0 ? {} : { rain: (i % 19) / 7 }), late_share: i % 5 === 0 ? null : (i % 11) / 11 });
const message = (i: number): Row => {
  const { date, distance, rain, late_share: share, ...texts } = jsonRow(i);
  return toRow({ ...texts, date: new Date(date), distance: BigInt(distance), ...(rain === undefined ? {} : { rain }), late_share: share });
};

it('gives the same scores, bit for bit, over REST and gRPC, for one row, for many, and for so many that a thread of their own scores them', async () => {
  const indices = Array.from({ length: 600 }, (_, i) => i);
  const byGrpc = await home.client.predict({ endpoint: ENDPOINT, rows: indices.map(message) });
  const scores = byGrpc.predictions.map(({ score }) => score);
  expect(new Set(scores).size).toBeGreaterThan(100);
  expect((await rest({ rows: indices.map(jsonRow) })).predictions.map(({ score }) => score)).toEqual(scores);
  for (const i of [0, 1, 2, 3, 599]) {
    expect((await home.client.predict({ endpoint: ENDPOINT, rows: [message(i)] })).predictions[0]?.score).toBe(scores[i]);
    expect((await rest({ rows: [jsonRow(i)] })).predictions[0]?.score).toBe(scores[i]);
  }
  const streamed = [];
  for await (const { result } of home.client.predictStream([0, 300].map((start) => ({ request: { endpoint: ENDPOINT, rows: indices.slice(start, start + 300).map(message) } })))) if (result?.$case === 'response') streamed.push(...result.value.predictions);
  expect(streamed.map(({ score }) => score)).toEqual(scores);
});

it('takes a whole number beyond 2^53 as a text or a message, and refuses it as a number of JSON, which has rounded it', async () => {
  const big = 2n ** 60n + 1n;
  const { inputs, predictions } = await rest({ rows: [{ ...jsonRow(1), distance: String(big) }], explainInputs: true });
  expect(inputs?.[0]?.['distance']).toBe(String(big));
  const byGrpc = await home.client.predict({ endpoint: ENDPOINT, rows: [{ values: { ...message(1).values, distance: { kind: { $case: 'int64Value', value: big } } } }], explainInputs: true });
  expect(byGrpc.inputs[0]?.values['distance']?.kind?.value).toBe(big);
  expect(predictions[0]?.score).toBe(byGrpc.predictions[0]?.score);
  const text = JSON.stringify({ rows: [jsonRow(0), { ...jsonRow(1), distance: 0 }] }).replace('"distance":0', `"distance":${big}`);
  expect(await refusal(text)).toBe('400 The body is wrong at rows[1].distance: a whole number beyond 2^53 - 1 is rounded in JSON; give it as a text.');
  expect(await refusal({ rows: [{ ...jsonRow(1), distance: String(2n ** 63n) }] })).toContain('Row 0, column "distance": 9223372036854775808 is no INT64');
  // A key must not be rounded either: the features of another would be read.
  expect(await refusal('{"rows":[{"flight":9007199254740993}]}', '/v1/endpoints/late-featured:predict')).toContain('rows[0].flight');
});

it.each([
  ['a body that is no JSON', '{"rows":[', '400 '],
  ['NaN, which JSON has not', '{"rows":[{"distance":NaN}]}', '400 '],
  ['a number beyond a double', '{"rows":[{"rain":1e999}]}', '400 The body is wrong at rows[0].rain: the number is beyond what a double can hold.'],
  ['a body that is no object', '[]', '400 The body is wrong at the body: it must be a JSON object.'],
  ['rows that are no list', { rows: {} }, '400 The body is wrong at rows: it must be a list of objects, one a row.'],
  ['no rows', { rows: [] }, '400 The request has no rows; give at least one.'],
  ['a row that is no object', { rows: [jsonRow(0), 5] }, '400 The body is wrong at rows[1]: it must be a JSON object.'],
  ['a cell that is a list', { rows: [{ ...jsonRow(0), rain: [1] }] }, '400 The body is wrong at rows[0].rain: a cell is a number, a text, true, false or null.'],
  ['a text for a number', { rows: [jsonRow(0), { ...jsonRow(1), rain: 'much' }] }, '400 Row 1, column "rain": "much" is no FLOAT64; give a number.'],
  ['a number for a text', { rows: [{ ...jsonRow(0), origin: 7 }] }, '400 Row 0, column "origin": 7 is no STRING; give a text.'],
  ['a fraction for a whole number', { rows: [{ ...jsonRow(0), distance: 0.5 }] }, '400 Row 0, column "distance": 0.5 is no INT64'],
  ['a day that its month does not have', { rows: [{ ...jsonRow(0), date: '2001-02-30T00:00:00Z' }] }, '400 The body is wrong at rows[0].date: "2001-02-30T00:00:00Z" is no time.'],
  ['a column that the model does not read', { rows: [jsonRow(0), { ...jsonRow(1), distanse: 1 }] }, '400 Row 1 has a column "distanse", which the model of endpoints/late does not read; it reads: date, distance, origin, rain, late_share.'],
  ['as many times as there are no rows', { rows: [jsonRow(0)], eventTimes: ['2001-01-01', '2001-01-02'] }, '400 The request has 1 rows and 2 event times; give none, or one a row.'],
  ['more rows than go into one request', { rows: Array.from({ length: 10_001 }, () => ({})) }, '400 The request has 10001 rows; at most 10000 go into one. Send several, or use PredictStream.'],
  ['a body that is larger than a body may be', `{"rows":["${'x'.repeat(8 * 1024 * 1024)}"]}`, '413 '],
])('refuses %s, and says what to do', async (_, body, why) => {
  expect(await refusal(body)).toContain(why);
});

it('refuses a body that is no UTF-8, instead of scoring another text', async () => {
  const body = Buffer.from(JSON.stringify({ rows: [{ ...jsonRow(0), origin: '?' }] }));
  body[body.indexOf('?')] = 0xff;
  expect(await refusal(body)).toBe('400 The body is not valid UTF-8; encode it as UTF-8 and send it again.');
  expect(await refusal({ rows: [jsonRow(0)] }, '/v1/endpoints/nobody:predict')).toBe('404 Endpoint endpoints/nobody does not exist; apply it first.');
});

it('names the row of the request over gRPC too, also behind rows that the guard refuses', async () => {
  const unseen = { values: { ...message(0).values, origin: { kind: { $case: 'stringValue', value: 'XXX' } } } } as const;
  const wrong = { values: { ...message(0).values, distance: { kind: { $case: 'stringValue', value: 'far' } } } } as const;
  await expect(home.client.predict({ endpoint: STRICT, rows: [unseen, unseen, wrong] })).rejects.toThrow('Row 2, column "distance": "far" is no INT64; give a bigint, or a whole number up to 2^53 - 1.');
  await expect(home.client.predict({ endpoint: ENDPOINT, rows: [message(0)], eventTimes: [new Date(8.64e15 - 1), new Date(0)] })).rejects.toMatchObject({ reason: 'TIMES_MISMATCH' });
  await expect(home.client.predict({ endpoint: ENDPOINT, rows: [message(0), toRow({ date: 2n ** 63n - 1n })] })).rejects.toThrow('Row 1 has an event time that no calendar has');
  const outcomes = [];
  for await (const { result } of home.client.predictStream([{ request: { endpoint: ENDPOINT, rows: [] } }, { request: { endpoint: ENDPOINT, rows: [message(0)] } }])) outcomes.push(result?.$case === 'error' ? result.value.message : result?.$case);
  expect(outcomes).toEqual(['The request has no rows; give at least one.', 'response']);
});

it('refuses single rows by its guard: they have no score, the others keep theirs', async () => {
  const rows = [message(0), { values: { ...message(1).values, origin: { kind: { $case: 'stringValue', value: 'XXX' } } } } as const, message(2)];
  const lax = await home.client.predict({ endpoint: ENDPOINT, rows });
  const strict = await home.client.predict({ endpoint: STRICT, rows });
  expect(lax.predictions.map(({ flags }) => flags.map(({ column, kind }) => `${column} ${kind}`))).toEqual([[], ['origin UNSEEN_CATEGORY'], []]);
  expect(strict.predictions.map(({ score, refused }) => [score, refused])).toEqual([[lax.predictions[0]?.score, ''], [0, 'origin: "XXX" was not in training'], [lax.predictions[2]?.score, '']]);
});

it('gives no score where the model has none, and says so instead of answering a hole', async () => {
  const { distance: _, ...hole } = jsonRow(1);
  const { predictions } = await rest({ rows: [hole, jsonRow(1)] });
  expect(predictions).toMatchObject([{ score: 0, refused: 'the model gives no score for this row', flags: [{ column: 'distance', kind: 'MISSING' }] }, { refused: '' }]);
});

it('takes the time of the event from the request, from the row in any form, or from the clock, and fills it in where the row lacks it', async () => {
  const { date: _, ...rest0 } = jsonRow(5);
  const wanted = (await rest({ rows: [jsonRow(5)] })).predictions[0]?.score;
  const time = '2001-04-01T05:00:00Z';
  const micros = Date.UTC(2001, 3, 1, 5) * 1000;
  for (const body of [{ rows: [rest0], eventTimes: [time] }, { rows: [{ ...rest0, date: null }], eventTimes: ['2001-04-01 05:00:00'] }, { rows: [{ ...rest0, date: micros }] }, { rows: [{ ...rest0, date: '2001-04-01T07:00:00+02:00' }] }]) {
    const { predictions } = await rest(body);
    expect(predictions[0]?.score).toBe(wanted);
    const { record } = await home.client.getPrediction({ endpoint: ENDPOINT, id: predictions[0]?.id ?? '' });
    expect(record?.eventTime).toEqual(new Date(time));
  }
  const { predictions } = await rest({ rows: [rest0] });
  const { record } = await home.client.getPrediction({ endpoint: ENDPOINT, id: predictions[0]?.id ?? '' });
  expect(Math.abs(Number(record?.eventTime) - Date.now())).toBeLessThan(600_000);
});

it('reads online what rows lack, as of their times: what a row brings itself is neither read nor flagged', async () => {
  const asked: unknown[] = [];
  home.world.features = async ({ featureService, keys, times }) => {
    asked.push({ featureService, origins: keys.map(({ values }) => values['origin']?.kind?.value), times });
    return answerFeatures(['late_share', 'rain', 'other'], keys.map((_, i) => [[0.25, undefined, 'EXPIRED' as const][i % 3], i === 0 ? 9 : undefined, undefined]));
  };
  const base = (i: number) => ({ origin: ['ATL', 'JFK', 'ORD', 'ATL'][i] ?? '', distance: 300n, rain: 1, date: new Date(i * 3_600_000) });
  const rows = [base(0), { ...base(1), late_share: 0.75 }, base(2), base(3)].map(toRow);
  // An unset value is missing, as if the column were not there.
  rows[2] = { values: { ...rows[2]?.values, late_share: { kind: undefined } } };
  const { predictions, inputs } = await home.client.predict({ endpoint: FEATURED, rows, explainInputs: true });
  expect(asked).toEqual([{ featureService: 'featureServices/late', origins: ['ATL', 'ORD', 'ATL'], times: [0, 2, 3].map((hour) => new Date(hour * 3_600_000)) }]);
  expect(inputs.map(({ values }) => values['late_share']?.kind?.value)).toEqual([0.25, 0.75, undefined, undefined]);
  expect(inputs.map(({ values }) => values['rain']?.kind?.value)).toEqual([1, 1, 1, 1]);
  expect(predictions.map(({ flags }) => flags.map(({ column, kind }) => `${column} ${kind}`))).toEqual([[], [], ['late_share NOT_FOUND_FEATURE'], ['late_share EXPIRED_FEATURE']]);
  expect(predictions[3]?.flags[0]?.detail).toBe('the value is older than its time to live: its newest row is of 2001-01-01T00:00:00.000Z');
  const direct = await home.client.predict({ endpoint: ENDPOINT, rows: [toRow({ ...base(0), late_share: 0.25 })] });
  expect(predictions[0]?.score).toBe(direct.predictions[0]?.score);
  await home.client.predict({ endpoint: FEATURED, rows: [toRow({ ...base(0), late_share: 0.5 })] });
  expect(asked).toHaveLength(1);
});
