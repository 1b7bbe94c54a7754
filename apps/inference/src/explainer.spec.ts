import { categoryReference, makeReference, numericReference } from '@millrace/ml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prediction } from '@millrace/contracts/millrace/inference/v1/prediction';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { ALIAS, type Home, openHome } from './home.fixture.js';
import { toRow } from './inference.wire.js';
import { makeModel } from './model.fixture.js';

const ENDPOINT = 'endpoints/late';
const MICROS_A_DAY = 86_400e6;
const range = (length: number, of: (i: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => of(i));
/** Half of the days are before the third of January, half of the distances at most 501; it hardly ever rains, and the late share is mostly missing. */
const REFERENCE = makeReference(
  [
    numericReference('date', range(100, (i) => Math.floor(i / 20) * MICROS_A_DAY)),
    numericReference('distance', range(1_000, (i) => i + 1)),
    categoryReference('origin', ['ORD', 'ORD', 'ATL', undefined]),
    numericReference('rain', range(100, (i) => (i < 95 ? 0 : i))),
    numericReference('late_share', range(10, (i) => (i < 6 ? Number.NaN : 0.5))),
  ],
  numericReference('score', range(10, (i) => i / 10)),
);
const ROW = { date: new Date(9 * 86_400_000), distance: 900n, origin: 'JFK', rain: 8, late_share: 0.9 };
const TYPICAL = { date: new Date(2 * 86_400_000), distance: 501n, origin: 'ORD', rain: 0, late_share: undefined };

let home: Home;
beforeAll(async () => {
  home = await openHome();
  home.pointAlias(await makeModel(home.objects, 3));
  await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } });
});
afterAll(() => home.close());

const version = () => home.world.versions.get(ALIAS) ?? ModelVersion.fromPartial({});
async function withReference(): Promise<void> {
  const { digest } = await home.objects.put(Buffer.from(JSON.stringify(REFERENCE)));
  for (const name of [ALIAS, version().name]) home.world.versions.set(name, { ...version(), reference: { digest, sizeBytes: 0n, rows: 0n, mediaType: 'application/json' } });
}
const ask = async (row: object, contributions = 0): Promise<Prediction> => {
  const { predictions: [prediction] } = await home.client.predict({ endpoint: ENDPOINT, rows: [toRow({ ...row })], contributions });
  if (!prediction) throw new Error('There is no answer.');
  return prediction;
};

it('explains nothing of a version without a reference, and answers nothing then', async () => {
  await expect(ask(ROW, 3)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_EXPLAINABLE' });
  expect((await home.client.listPredictions({ parent: ENDPOINT })).predictions).toEqual([]);
});

describe('with a reference', () => {
  beforeAll(withReference);

  it('says how much the score falls when what is typical of training stands in the place of an input', async () => {
    const { score, contributions } = await ask(ROW, 100);
    for (const [input, typical] of Object.entries(TYPICAL)) {
      const change = score - (await ask({ ...ROW, [input]: typical })).score;
      const told = contributions.find((each) => each.input === input);
      if (change === 0) expect(told, input).toBeUndefined();
      else expect({ input, change: told?.change, typical: told?.typical?.kind?.value }).toEqual({ input, change, typical });
    }
    const sizes = contributions.map(({ change }) => Math.abs(change));
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect((await ask(ROW, 2)).contributions).toEqual(contributions.slice(0, 2));
    expect((await ask(ROW)).contributions).toEqual([]);
  });

  it('says nothing of a row that is typical in everything', async () => {
    expect((await ask(TYPICAL, 100)).contributions).toEqual([]);
  });

  it('answers the same over REST', async () => {
    const { contributions } = await ask(ROW, 2);
    const body = { rows: [{ ...ROW, distance: 900 }], contributions: 2 };
    const response = await fetch(`${home.running.httpAddress}/v1/${ENDPOINT}:predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const { predictions: [plain] } = (await response.json()) as { readonly predictions: readonly { readonly contributions: readonly { readonly input: string; readonly change: number }[] }[] };
    expect(plain?.contributions.map(({ input, change }) => ({ input, change }))).toEqual(contributions.map(({ input, change }) => ({ input, change })));
  });

  it.each([
    { what: 'a part of one', rows: 1, contributions: -1, reason: 'CONTRIBUTIONS_WRONG' },
    { what: 'more than there may be', rows: 1, contributions: 101, reason: 'CONTRIBUTIONS_WRONG' },
    { what: 'those of many rows', rows: 101, contributions: 1, reason: 'TOO_MANY_EXPLAINED' },
  ])('refuses to tell $what', async ({ rows, contributions, reason }) => {
    await expect(home.client.predict({ endpoint: ENDPOINT, rows: Array.from({ length: rows }, () => toRow({ ...ROW })), contributions })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason });
  });
});
