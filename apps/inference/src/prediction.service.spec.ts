import { afterEach, beforeEach, expect, it } from 'vitest';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { LabelsReceived } from '@millrace/contracts/millrace/inference/v1/events';
import { AppError, uuidv7 } from '@millrace/core';
import { catalogue, decodeEvent } from '@millrace/events';
import { ALIAS, type Home, openHome } from './home.fixture.js';
import { toRow } from './inference.wire.js';
import { makeModel } from './model.fixture.js';

const ENDPOINT = 'endpoints/late';
const OTHER = 'endpoints/late-other';
const row = (i: number) => toRow({ date: new Date(i), distance: BigInt(100 + (i % 1000)), origin: 'ATL', rain: i / 7, late_share: -0 });

let home: Home;
beforeEach(async () => {
  home = await openHome({ MILLRACE_SPOOL_MAX_MB: '1' });
  home.pointAlias(await makeModel(home.objects, 3));
  for (const name of [ENDPOINT, OTHER]) await home.client.applyEndpoint({ endpoint: { name, alias: ALIAS } });
});
afterEach(() => home.close());

const ask = async (count: number): Promise<readonly string[]> => (await home.client.predict({ endpoint: ENDPOINT, rows: Array.from({ length: count }, (_, i) => row(i)) })).predictions.map(({ id }) => id);

/** The ids of the predictions on the bus, and of the events that brought them. */
async function onBus(): Promise<{ readonly predictions: readonly string[]; readonly events: readonly string[] }> {
  const [predictions, events]: [string[], string[]] = [[], []];
  for await (const record of home.running.bus.replay(catalogue.inference.predictionsLogged.topic, { from: 0n })) {
    if (record.headers['ce_type'] !== catalogue.inference.predictionsLogged.type) continue;
    events.push(record.headers['ce_id'] ?? '');
    predictions.push(...decodeEvent(catalogue.inference.predictionsLogged, record).records.map(({ id }) => id));
  }
  return { predictions, events };
}

/** The bus refuses predictions, before or after it has taken them, until it is mended. */
function breakBus({ after = false } = {}): () => void {
  const { bus } = home.running;
  const publish = bus.publish.bind(bus);
  bus.publish = async (records) => {
    if (after) await publish(records);
    throw new AppError('UNAVAILABLE', 'test.millrace', 'BUS_AWAY', 'The bus is away.');
  };
  return () => void (bus.publish = publish);
}

it('brings every answered prediction to the bus once, with all that it was made of', async () => {
  const ids: string[] = [];
  for (const count of [1, 1, 350, 1]) ids.push(...(await ask(count)));
  await home.client.getPrediction({ endpoint: ENDPOINT, id: ids.at(-1) ?? '' });
  expect((await onBus()).predictions).toEqual(ids);
  const { record, inputs, label } = await home.client.getPrediction({ endpoint: ENDPOINT, id: ids[3] ?? '' });
  expect(inputs).toEqual(['date', 'distance', 'origin', 'rain', 'late_share']);
  expect(record).toMatchObject({ id: ids[3], endpoint: ENDPOINT, modelVersion: 'models/late/versions/1', eventTime: new Date(1) });
  expect(record?.inputs.map(({ kind }) => kind?.value)).toEqual([new Date(1), 101n, 'ATL', 1 / 7, -0]);
  expect(label).toBeUndefined();
  await expect(home.client.getPrediction({ endpoint: OTHER, id: ids[3] ?? '' })).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'PREDICTION_NOT_FOUND' });
  await expect(home.client.getPrediction({ endpoint: ENDPOINT, id: uuidv7() })).rejects.toMatchObject({ reason: 'PREDICTION_NOT_FOUND' });
});

it('answers while the bus is away, and brings what waited to it after a restart', async () => {
  breakBus();
  const ids = await ask(450);
  await home.restart();
  await expect.poll(async () => (await onBus()).predictions.length).toBe(ids.length);
  expect((await onBus()).predictions).toEqual(ids);
});

it('sends an event again that the bus took without saying so, by the same id, so that an inbox knows it', async () => {
  const mend = breakBus({ after: true });
  const ids = await ask(1);
  await expect.poll(async () => (await onBus()).events.length).toBeGreaterThan(1);
  mend();
  await expect.poll(async () => (await home.client.getPrediction({ endpoint: ENDPOINT, id: ids[0] ?? '' })).record?.id).toBe(ids[0]);
  const { events, predictions } = await onBus();
  expect(new Set(events).size).toBe(1);
  expect(new Set(predictions)).toEqual(new Set(ids));
});

it('counts the predictions that it had to shed, and loses no other', async () => {
  breakBus();
  const ids = await ask(10_000);
  const shed = async (): Promise<number> => Number(/^millrace_predictions_shed_total (\d+)$/m.exec(await (await fetch(`${home.running.httpAddress}/metrics`)).text())?.[1]);
  await expect.poll(shed).toBeGreaterThan(0);
  // All has been written or shed once nothing waits in memory any more.
  let lost = 0;
  await expect.poll(async () => lost === (lost = await shed()), { interval: 500 }).toBe(true);
  await home.restart();
  await expect.poll(async () => (await onBus()).predictions.length).toBe(ids.length - lost);
  expect(new Set((await onBus()).predictions).size).toBe(ids.length - lost);
}, 60_000);

it('answers health checks and single rows before a batch of 10,000 rows that was there first', async () => {
  const order: string[] = [];
  // Within the process the batch is at its scoring when this call returns; what comes after it needs turns of the event loop.
  const batch = home.running.client(InferenceServiceDefinition).predict({ endpoint: ENDPOINT, rows: Array.from({ length: 10_000 }, (_, i) => row(i)) }).then(() => order.push('batch'));
  const health = async (): Promise<void> => {
    expect((await fetch(`${home.running.httpAddress}/healthz`)).status).toBe(200);
    order.push('health');
  };
  await Promise.all([batch, health(), ask(1).then(() => order.push('row'))]);
  expect(order).toHaveLength(3);
  expect(order[2]).toBe('batch');
});

it('takes labels whenever they come, each once, and tells of those that are new', async () => {
  const [first = '', second = ''] = await ask(2);
  const early = uuidv7();
  const knownTime = new Date(Date.UTC(2001, 3, 1));
  const send = (labels: { predictionId: string; value: number; knownTime?: Date }[], endpoint = ENDPOINT) => home.client.sendFeedback({ endpoint, labels }).then(({ accepted }) => accepted);
  expect(await send([{ predictionId: first, value: 1, knownTime }, { predictionId: first, value: 0 }, { predictionId: early, value: 0 }])).toBe(2n);
  expect(await send([{ predictionId: first, value: 0 }])).toBe(0n);
  // Sent to another endpoint by mistake, it does not stand in the way of the right one.
  expect(await send([{ predictionId: second, value: 0 }], OTHER)).toBe(1n);
  expect(await send([{ predictionId: second, value: 1 }])).toBe(1n);
  expect(await home.client.getPrediction({ endpoint: ENDPOINT, id: first })).toMatchObject({ label: 1, labelTime: knownTime });
  expect(await home.client.getPrediction({ endpoint: ENDPOINT, id: second })).toMatchObject({ label: 1 });
  const told: LabelsReceived[] = [];
  await expect.poll(async () => {
    told.length = 0;
    for await (const record of home.running.bus.replay(catalogue.inference.labelsReceived.topic, { from: 0n })) {
      if (record.headers['ce_type'] === catalogue.inference.labelsReceived.type) told.push(decodeEvent(catalogue.inference.labelsReceived, record));
    }
    return told.length;
  }).toBe(3);
  const of = (endpoint: string) => told.filter((event) => event.endpoint === endpoint).map(({ labels }) => labels);
  expect(of(ENDPOINT)).toMatchObject([[{ predictionId: first, value: 1 }, { predictionId: early, value: 0 }], [{ predictionId: second, value: 1 }]]);
  expect(of(OTHER)).toMatchObject([[{ predictionId: second, value: 0 }]]);
  expect((await home.post('/v1/endpoints/late:feedback', JSON.stringify({ labels: [{ predictionId: first, value: true }] }))).body).toEqual({ accepted: 0 });
});

it('refuses labels that are none, and says which', async () => {
  const [id = ''] = await ask(1);
  const refused = async (labels: unknown, path = '/v1/endpoints/late:feedback') => ((await home.post(path, JSON.stringify({ labels }))).body as { error: { message: string } }).error.message;
  expect(await refused([{ predictionId: id, value: 1 }, { predictionId: 'x', value: 1 }])).toBe('Label 1 is wrong: "x" is no prediction id.');
  expect(await refused([{ predictionId: id, value: 'late' }])).toBe('Label 0 is wrong: the value NaN is no finite number.');
  expect(await refused([{ predictionId: id, value: 1, knownTime: '2001-02-30' }])).toBe('The body is wrong at labels[0].knownTime: "2001-02-30" is no time.');
  expect(await refused([], '/v1/endpoints/nobody:feedback')).toBe('Endpoint endpoints/nobody does not exist; apply it first.');
  expect(await refused(Array.from({ length: 10_001 }, () => ({ predictionId: id, value: 1 })))).toBe('The request has 10001 labels; at most 10000 go into one. Send several.');
});
