import { PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import { uuidv7 } from '@millrace/core';
import { openStore } from '@millrace/store';
import { expect, it } from 'vitest';
import { type InferenceTables, migrations } from './migrations.js';
import { PredictionStore } from './prediction.store.js';

const never = () => ({ topic: 't', key: 'k', value: new Uint8Array(), headers: {} });

const batch = (endpoint: string, ids: readonly string[], inputs: readonly string[] = []) => {
  const message = PredictionsLogged.fromPartial({ endpoint: `endpoints/${endpoint}`, inputs: [...inputs], records: ids.map((id) => ({ id, score: 0.5 })) });
  return { topic: 't', key: message.endpoint, value: PredictionsLogged.encode(message).finish(), headers: {} };
};

it('finds a prediction in the batch that it was logged in, also where batches overlap, and takes a batch that comes again once', async () => {
  const store = await openStore<InferenceTables>({ file: ':memory:', migrations });
  const predictions = new PredictionStore(store);
  const ids = Array.from({ length: 300 }, () => uuidv7());
  const share = (part: number) => ids.filter((_, i) => i % 3 === part);
  const batches = [batch('late', share(0).toReversed(), ['a']), batch('late', share(1), ['b']), batch('other', share(2), ['c'])];
  await predictions.add(batches);
  await predictions.add(batches);
  const inputs = await Promise.all(ids.map(async (id) => (await predictions.find('late', id))?.inputs[0]));
  expect(inputs).toEqual(ids.map((_, i) => ['a', 'b', undefined][i % 3]));
  expect((await predictions.find('other', ids[2] ?? ''))?.record).toMatchObject({ id: ids[2], score: 0.5 });
  expect(await predictions.find('late', uuidv7())).toBeUndefined();
  expect(await predictions.forgetBefore(new Date(Date.now() + 60_000))).toBe(300);
  await store.close();
});

it('forgets what was answered before a time, with its labels, and nothing else', async () => {
  const store = await openStore<InferenceTables>({ file: ':memory:', migrations });
  const predictions = new PredictionStore(store);
  const bound = new Date(Date.now() + 60_000);
  const old = Array.from({ length: 2_300 }, () => uuidv7());
  const young = Array.from({ length: 3 }, () => uuidv7(bound.getTime()));
  const batches = Array.from({ length: 1_150 }, (_, i) => batch('late', old.slice(2 * i, 2 * i + 2)));
  await predictions.add([...batches, batch('late', young)]);
  const label = (predictionId: string) => ({ predictionId, value: 1, knownTime: new Date() });
  await predictions.addLabels('late', [label(old[0] ?? ''), label(young[0] ?? '')], never);
  expect(await predictions.forgetBefore(bound)).toBe(2_300);
  expect(await predictions.find('late', old.at(-1) ?? '')).toBeUndefined();
  expect(await predictions.findLabel('late', old[0] ?? '')).toBeUndefined();
  expect((await Promise.all(young.map((id) => predictions.find('late', id)))).every(Boolean)).toBe(true);
  expect((await predictions.findLabel('late', young[0] ?? ''))?.value).toBe(1);
  expect(await predictions.forgetBefore(bound)).toBe(0);
  await store.close();
});
