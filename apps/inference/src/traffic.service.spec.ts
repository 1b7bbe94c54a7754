import type { EndpointTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { openStore } from '@millrace/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ALIAS, type Home, openHome } from './home.fixture.js';
import { toRow } from './inference.wire.js';
import { type InferenceTables, migrations } from './migrations.js';
import { makeModel } from './model.fixture.js';
import { NO_TRAFFIC, WINDOW_MS } from './traffic.js';
import { TrafficStore } from './traffic.store.js';

const ENDPOINT = 'endpoints/late';
const row = (i: number) => toRow({ date: new Date(i), distance: BigInt(100 + (i % 1000)), origin: 'ATL', rain: i / 7, late_share: -0 });

let home: Home;
beforeEach(async () => {
  home = await openHome();
  home.pointAlias(await makeModel(home.objects, 3));
  await home.client.applyEndpoint({ endpoint: { name: ENDPOINT, alias: ALIAS } });
});
afterEach(() => home.close());

const ask = (rows: number, endpoint = ENDPOINT) => home.client.predict({ endpoint, rows: Array.from({ length: rows }, (_, i) => row(i)) });

type Sum = { requests: bigint; predictions: bigint; flags: Record<string, bigint>; errors: Record<string, bigint> };

/** Reads windows until they come to so many requests; by version, whatever windows they fell in. */
async function heard(requests: bigint, { changedSince, onBegin }: { readonly changedSince?: Date; readonly onBegin?: () => Promise<unknown> } = {}): Promise<{ readonly sums: Record<string, Sum>; readonly windows: readonly EndpointTraffic[] }> {
  const windows = new Map<number, EndpointTraffic>();
  const stop = new AbortController();
  const stream = home.client.watchEndpointTraffic({ endpoint: ENDPOINT, changedSince }, { signal: stop.signal })[Symbol.asyncIterator]();
  let next = stream.next();
  // Whoever watches is there before anything is asked.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await onBegin?.();
  for (;;) {
    const { value, done } = await next;
    if (done || !value) throw new Error('The stream has ended.');
    windows.set(value.startTime?.getTime() ?? 0, value);
    const sums: Record<string, Sum> = {};
    for (const { versions } of windows.values()) {
      for (const { modelVersion, requests: more, predictions, errors, flags } of versions) {
        const sum = (sums[modelVersion] ??= { requests: 0n, predictions: 0n, flags: {}, errors: {} });
        sum.requests += more;
        sum.predictions += predictions;
        for (const [kind, seen] of Object.entries(flags)) sum.flags[kind] = (sum.flags[kind] ?? 0n) + seen;
        for (const [reason, failed] of Object.entries(errors)) sum.errors[reason] = (sum.errors[reason] ?? 0n) + failed;
      }
    }
    if (Object.values(sums).reduce((all, sum) => all + sum.requests, 0n) >= requests) {
      stop.abort();
      return { sums, windows: [...windows.values()] };
    }
    next = stream.next();
  }
}

it('tells what is asked of each version, with latencies, what the guard saw, and errors by reason', async () => {
  let next = '';
  const { sums, windows } = await heard(6n, {
    onBegin: async () => {
      await ask(2);
      await ask(3);
      await home.post('/v1/endpoints/late:predict', JSON.stringify({ rows: [{ date: '2001-01-01', distance: 5, origin: 'LAX', rain: 1, late_share: 0 }] }));
      await expect(ask(0)).rejects.toMatchObject({ reason: 'NO_ROWS' });
      await expect(ask(1, 'endpoints/nobody')).rejects.toMatchObject({ reason: 'ENDPOINT_NOT_FOUND' });
      next = home.pointAlias(await makeModel(home.objects, 4));
      await home.tellAlias();
      await expect.poll(async () => (await home.client.getEndpoint({ name: ENDPOINT })).modelVersion).toBe(next);
      await ask(1);
      await ask(1);
    },
  });
  expect(sums).toEqual({
    'models/late/versions/1': { requests: 4n, predictions: 6n, flags: { UNSEEN_CATEGORY: 1n }, errors: { NO_ROWS: 1n } },
    [next]: { requests: 2n, predictions: 2n, flags: {}, errors: {} },
  });
  const [window] = windows;
  expect((window?.endTime?.getTime() ?? 0) - (window?.startTime?.getTime() ?? 0)).toBe(WINDOW_MS);
  for (const { latencyP50Ms, latencyP95Ms, latencyP99Ms } of window?.versions ?? []) expect([0, latencyP50Ms, latencyP95Ms, latencyP99Ms].toSorted((a, b) => a - b)).toEqual([0, latencyP50Ms, latencyP95Ms, latencyP99Ms]);
});

it('tells who comes back what changed since, also after a restart', async () => {
  const before = new Date();
  await ask(2);
  await home.restart();
  await ask(1);
  const { sums } = await heard(2n, { changedSince: before });
  expect(sums).toEqual({ 'models/late/versions/1': { requests: 2n, predictions: 3n, flags: {}, errors: {} } });
});

it('refuses to watch an endpoint that is not there', async () => {
  const first = home.client.watchEndpointTraffic({ endpoint: 'endpoints/nobody' })[Symbol.asyncIterator]().next();
  await expect(first).rejects.toMatchObject({ reason: 'ENDPOINT_NOT_FOUND' });
  expect(InferenceServiceDefinition.methods.watchEndpointTraffic.responseStream).toBe(true);
});

it('adds up what instances have counted, counts nothing twice, and forgets what is old', async () => {
  const store = await openStore<InferenceTables>({ file: ':memory:', migrations });
  const [one, two] = [new TrafficStore(store, 'one'), new TrafficStore(store, 'two')];
  const counted = (requests: number, windowMs = 0) => [{ endpoint: 'late', windowMs, modelVersion: 'models/late/versions/1', traffic: { ...NO_TRAFFIC, requests } }];
  await one.put(counted(1), new Date(1));
  await one.put(counted(3), new Date(2));
  await two.put(counted(4), new Date(3));
  await two.put(counted(9, WINDOW_MS), new Date(4));
  const changed = async (ms: number) => (await one.changedSince('late', new Date(ms))).map(({ windowMs, versions, updateTime }) => [windowMs, versions.map(([, { requests }]) => requests), updateTime.getTime()]);
  expect(await changed(3)).toEqual([[0, [7], 3], [WINDOW_MS, [9], 4]]);
  expect(await changed(4)).toEqual([[WINDOW_MS, [9], 4]]);
  expect(await one.forgetBefore(new Date(WINDOW_MS))).toBe(2);
  expect(await changed(0)).toEqual([[WINDOW_MS, [9], 4]]);
  await store.close();
});
