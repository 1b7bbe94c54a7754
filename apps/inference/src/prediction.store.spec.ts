import { PredictionRecord } from '@millrace/contracts/millrace/inference/v1/prediction';
import { uuidv7 } from '@millrace/core';
import { openStore } from '@millrace/store';
import { expect, it } from 'vitest';
import { type InferenceTables, migrations } from './migrations.js';
import { PredictionStore } from './prediction.store.js';

const never = () => ({ topic: 't', key: 'k', value: new Uint8Array(), headers: {} });

it('forgets what was answered before a time, with its labels, and nothing else', async () => {
  const store = await openStore<InferenceTables>({ file: ':memory:', migrations });
  const predictions = new PredictionStore(store);
  const bound = new Date(Date.now() + 60_000);
  const old = Array.from({ length: 2_300 }, () => uuidv7());
  const young = Array.from({ length: 3 }, () => uuidv7(bound.getTime()));
  await predictions.add('late', { inputs: [], records: [...old, ...young].map((id) => PredictionRecord.fromPartial({ id })) });
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
