import { type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALIAS, type Home, openHome } from './home.fixture.js';
import { toRow } from './inference.wire.js';
import { makeModel } from './model.fixture.js';

const ENDPOINT = 'endpoints/late';
const ROW = toRow({ date: new Date(0), distance: 400n, origin: 'ATL', rain: 1, late_share: 0.5 });

let servers: SharedServers;
let first: Home;
let second: Home;
let models: readonly string[];
beforeAll(async () => {
  servers = await useSharedServers();
  Object.assign(process.env, servers.env);
  first = await openHome(servers.env);
  second = await openHome(servers.env, first.world);
  models = [await makeModel(first.objects, 3), await makeModel(first.objects, 7)];
}, 60_000);
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await servers.drop();
});

const versionAt = async ({ client }: Home): Promise<string> => (await client.predict({ endpoint: ENDPOINT, rows: [ROW] })).modelVersion;
const all = (version: string) => expect.poll(() => Promise.all([versionAt(first), versionAt(second)]).catch((error: Error) => error.message), { timeout: 20_000 }).toEqual([version, version]);

it('answers for an endpoint at every instance, whichever of them it was applied at', async () => {
  const version = first.pointAlias(models[0] ?? '');
  await first.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } });
  await all(version);
});

it('follows an alias at every instance, whichever of them hears of it', async () => {
  for (let moves = 0; moves < 4; moves++) {
    const version = first.pointAlias(models[moves % 2] ?? '');
    await first.tellAlias();
    await all(version);
  }
});

it('lets one of two changes made at the same time stand, and tells the other to repeat', async () => {
  const change = (home: Home, description: string) => home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS, description } });
  const before = Number((await first.client.getEndpoint({ name: ENDPOINT })).etag);
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => change(i % 2 === 0 ? first : second, `the ${i}th`)));
  const kept = outcomes.filter(({ status }) => status === 'fulfilled').length;
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ABORTED', reason: 'ENDPOINT_CHANGED' });
  expect(Number((await second.client.getEndpoint({ name: ENDPOINT })).etag)).toBe(before + kept);
});

it('finds at one instance what another answered', async () => {
  const { predictions } = await first.client.predict({ endpoint: ENDPOINT, rows: [ROW] });
  const id = predictions[0]?.id ?? '';
  await expect.poll(() => second.client.getPrediction({ endpoint: ENDPOINT, id }).then(({ record }) => record?.id, (error: Error) => error.message), { timeout: 10_000 }).toBe(id);
});

it('brings an instance that was away to the version of the others before it is ready', async () => {
  await second.stop();
  const version = first.pointAlias(models[1] ?? '');
  await first.tellAlias();
  await expect.poll(() => versionAt(first), { timeout: 20_000 }).toBe(version);
  await second.start();
  expect(await versionAt(second)).toBe(version);
}, 60_000);
