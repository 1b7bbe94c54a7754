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

it('lists predictions newest first, page by page, across batches that overlap and of one endpoint alone', async () => {
  const store = await openStore<InferenceTables>({ file: ':memory:', migrations });
  const predictions = new PredictionStore(store);
  const ids = Array.from({ length: 1_000 }, () => uuidv7());
  // Two versions answer at once; of each hundred a third goes to another endpoint, and one batch lies across all of them.
  const across = ids.filter((_, i) => i % 100 === 50);
  const rest = ids.filter((_, i) => i % 100 !== 50);
  const parts = Array.from({ length: 30 }, (_, part) => rest.slice(Math.floor(part / 3) * 99, Math.floor(part / 3) * 99 + 99).filter((_, i) => i % 3 === part % 3));
  await predictions.add([batch('late', across, ['z']), ...parts.map((part, i) => batch(i % 3 === 2 ? 'other' : 'late', part, [String(i % 3)]))]);
  const wanted = [...across, ...parts.flatMap((part, i) => (i % 3 === 2 ? [] : part))].sort().reverse();
  for (const size of [1_000, 137, 1]) {
    const walked: string[] = [];
    for (let after: string | undefined; walked.length < (size === 1 ? 40 : wanted.length); after = walked.at(-1)) {
      const page = await predictions.list('late', { size, after });
      if (page.length <= size) expect(walked.length + page.length).toBe(wanted.length);
      walked.push(...page.slice(0, size).map(({ record }) => record.id));
    }
    expect(walked).toEqual(wanted.slice(0, walked.length));
  }
  expect((await predictions.list('late', { size: 1, after: undefined }))[0]?.inputs).toEqual([wanted[0] === across.at(-1) ? 'z' : expect.stringMatching(/^[01]$/)]);
  expect(await predictions.list('nobody', { size: 5, after: undefined })).toEqual([]);
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
