import { setImmediate as breathe } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalogue, decodeEvent } from '@millrace/events';
import { RpcHost } from '@millrace/rpc';
import { openStore } from '@millrace/store';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { pino } from 'pino';
import { EndpointService } from './endpoint.service.js';
import { EndpointStore } from './endpoint.store.js';
import { ALIAS, answerFeatures, type Home, openHome } from './home.fixture.js';
import { toRow } from './inference.wire.js';
import { type InferenceTables, migrations } from './migrations.js';
import { makeModel } from './model.fixture.js';

const ENDPOINT = 'endpoints/late';
const row = (distance: number) => toRow({ date: new Date(0), distance: BigInt(distance), origin: 'ATL', rain: 1 });
const ROWS = [100, 400, 700, 1_000];

let home: Home;
let models: readonly string[];
beforeAll(async () => {
  home = await openHome();
  models = [await makeModel(home.objects, 3), await makeModel(home.objects, 7)];
});
afterAll(() => home.close());

async function scores(): Promise<{ readonly version: string; readonly scores: readonly number[] }> {
  const { predictions, modelVersion } = await home.client.predict({ endpoint: ENDPOINT, rows: ROWS.map(row) });
  return { version: modelVersion, scores: predictions.map(({ score }) => score) };
}
const deadLetters = async (): Promise<number> => {
  let count = 0;
  for await (const _ of home.running.bus.deadLetters(catalogue.registry.modelAliasMoved.topic)) count++;
  return count;
};
const settled = (version: string) => expect.poll(async () => (await scores()).version, { timeout: 20_000 }).toBe(version);

it('refuses an endpoint whose alias, artefact or feature service is not there, and then has none', async () => {
  const apply = (change: object) => home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS, ...change } });
  await expect(apply({})).rejects.toMatchObject({ code: 'NOT_FOUND', domain: 'registry.millrace' });
  home.pointAlias(`sha256:${'0'.repeat(64)}`);
  await expect(apply({})).rejects.toMatchObject({ code: 'NOT_FOUND', domain: 'objects.millrace' });
  await expect(apply({ alias: 'models/late' })).rejects.toMatchObject({ reason: 'INVALID_NAME' });
  await expect(apply({ featureService: 'late' })).rejects.toThrow('Endpoint endpoints/late is wrong at feature_service: "late" is not of the form featureServices/{feature_service}.');
  await expect(home.client.getEndpoint({ name: ENDPOINT })).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'ENDPOINT_NOT_FOUND' });
  await expect(scores()).rejects.toMatchObject({ reason: 'ENDPOINT_NOT_FOUND' });
});

it('answers with the version of its alias, stays as it is when applied again, and comes back after a restart', async () => {
  const version = home.pointAlias(models[0] ?? '');
  const endpoint = await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } });
  expect(endpoint).toMatchObject({ modelVersion: version, etag: '1' });
  expect(await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } })).toEqual(endpoint);
  expect((await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS, description: 'x' } })).etag).toBe('2');
  const before = await scores();
  await home.restart();
  expect(await scores()).toEqual(before);
  expect((await home.client.listEndpoints({})).endpoints.map(({ name }) => name)).toEqual([ENDPOINT]);
});

it('follows its alias, keeps answering when a version cannot be loaded, and follows again', async () => {
  const before = await scores();
  const second = home.pointAlias(models[1] ?? '');
  await home.tellAlias();
  await settled(second);
  const after = await scores();
  expect(after.scores).not.toEqual(before.scores);
  home.pointAlias(`sha256:${'1'.repeat(64)}`);
  await home.tellAlias();
  await expect.poll(deadLetters, { timeout: 20_000 }).toBe(1);
  expect(await scores()).toEqual(after);
  const third = home.pointAlias(models[0] ?? '');
  await home.tellAlias();
  await settled(third);
  expect((await scores()).scores).toEqual(before.scores);
  const changes = [];
  for await (const record of home.running.bus.replay(catalogue.inference.endpointChanged.topic, { from: 0n })) {
    if (record.headers['ce_type'] === catalogue.inference.endpointChanged.type) changes.push(decodeEvent(catalogue.inference.endpointChanged, record));
  }
  expect(changes.slice(-2).map(({ endpoint, formerVersion }) => [formerVersion, endpoint?.modelVersion])).toEqual([[before.version, second], [second, third]]);
});

it('answers no more when it is deleted, keeps what it predicted, and comes back when it is applied', async () => {
  const [before, endpoint] = [await scores(), await home.client.getEndpoint({ name: ENDPOINT })];
  const { predictions } = await home.client.predict({ endpoint: ENDPOINT, rows: [row(100)] });
  const remove = (request: object = {}) => home.client.deleteEndpoint({ name: ENDPOINT, ...request });
  await expect(remove({ etag: '1' })).rejects.toMatchObject({ code: 'ABORTED', reason: 'ENDPOINT_CHANGED' });
  const deleted = await remove({ etag: endpoint.etag, requestId: 'once' });
  expect(deleted).toMatchObject({ name: ENDPOINT, deleteTime: expect.any(Date) });
  expect(await remove({ etag: endpoint.etag, requestId: 'once' }), 'the same request again').toEqual(deleted);
  await expect(remove()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ENDPOINT_DELETED' });
  await home.restart();
  await expect(scores()).rejects.toMatchObject({ reason: 'ENDPOINT_DELETED', message: expect.stringContaining('apply it to bring it back') });
  expect((await home.client.listEndpoints({})).endpoints).toEqual([]);
  expect((await home.client.listEndpoints({ showDeleted: true })).endpoints).toEqual([deleted]);
  const { id = '' } = predictions[0] ?? {};
  expect((await home.client.getPrediction({ endpoint: ENDPOINT, id })).record?.id).toBe(id);
  expect(await home.client.sendFeedback({ endpoint: ENDPOINT, labels: [{ predictionId: id, value: 1 }] })).toEqual({ accepted: 1n });
  await home.tellAlias();
  const events = [];
  for await (const record of home.running.bus.replay(catalogue.inference.endpointChanged.topic, { from: 0n })) if (record.headers['ce_type'] === catalogue.inference.endpointChanged.type) events.push(decodeEvent(catalogue.inference.endpointChanged, record));
  expect(events.at(-1)).toMatchObject({ endpoint: deleted, formerVersion: before.version });
  expect(await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } })).toMatchObject({ deleteTime: undefined });
  expect(await scores()).toEqual(before);
});

it('holds a model from the very call on: one that is let go in the same moment still answers', async () => {
  const { store, service } = await openService();
  await service.apply({ endpoint: 'late', description: '', alias: ALIAS, featureService: '', guard: { outOfRange: 'FLAG', unseenCategory: 'FLAG', missing: 'FLAG' } }, '');
  const answer = service.use('late', async ({ scorer }) => {
    await breathe();
    return scorer.scoreRows([{ date: new Date(0), distance: 100n, origin: 'ATL' }]);
  });
  await service.close();
  expect(await answer).toHaveLength(1);
  await expect(service.use('late', async () => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'ENDPOINT_NOT_READY' });
  await store.close();
});

/** The service alone, over a real store and the objects of the home. */
async function openService() {
  const store = await openStore<InferenceTables>({ file: ':memory:', migrations });
  const host = new RpcHost();
  const registry = { getModelVersion: async () => home.world.versions.get(ALIAS) };
  host.register(RegistryServiceDefinition, new Proxy(registry, { get: (target, name) => Reflect.get(target, name) ?? (async () => undefined) }) as never);
  return { store, service: new EndpointService(new EndpointStore(store), home.objects, host.client(RegistryServiceDefinition), pino({ level: 'silent' }), () => new Date(), store.signals) };
}

it('swaps versions under 200 requests at a time without failing one, and each answer is of the version that it names', async () => {
  // Features take turns of the event loop to come: so models are held while they are let go.
  await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS, featureService: 'featureServices/late' } });
  home.world.features = async ({ keys }) => {
    await breathe();
    return answerFeatures(['late_share'], keys.map(() => [0.5]));
  };
  let swapping = true;
  const answers = new Map<string, Set<string>>();
  const failures: unknown[] = [];
  let answered = 0;
  const client = async (): Promise<void> => {
    while (swapping) {
      try {
        const { version, scores: found } = await scores();
        answers.set(version, (answers.get(version) ?? new Set()).add(JSON.stringify(found)));
        answered++;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const clients = Array.from({ length: 200 }, client);
  for (let swap = 0; swap < 3; swap++) {
    const version = home.pointAlias(models[swap % 2] ?? '');
    const before = answered;
    await home.tellAlias();
    await expect.poll(async () => (await home.client.getEndpoint({ name: ENDPOINT })).modelVersion, { timeout: 20_000, interval: 5 }).toBe(version);
    await expect.poll(() => answered - before, { timeout: 20_000, interval: 5 }).toBeGreaterThan(50);
  }
  swapping = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect(answers.size).toBeGreaterThan(2);
  for (const found of answers.values()) expect(found.size).toBe(1);
  expect(new Set([...answers.values()].flatMap((found) => [...found])).size).toBe(2);
}, 120_000);
