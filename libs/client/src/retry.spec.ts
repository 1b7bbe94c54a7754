import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, MillraceError } from './index.js';
import { hangUp, json, PlannedServer, refusal } from './planned-server.fixture.js';
import { DEFAULT_RETRY, pauseMs } from './retry.js';

const server = new PlannedServer();
beforeAll(() => server.start());
afterAll(() => server.close());

const quick = { firstMs: 5, mostMs: 2_000 };
const client = (retry: Parameters<typeof createClient>[0]['retry'] = quick, timeoutMs = 10_000) => createClient({ baseUrl: server.baseUrl, retry, timeoutMs });
const unavailable = refusal(503, 'UNAVAILABLE');
const model = json({ name: 'models/late' });

const failureOf = async (call: Promise<unknown>): Promise<MillraceError> => {
  const error: unknown = await call.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(MillraceError);
  return error as MillraceError;
};

describe('what only reads', () => {
  it('is asked again while the server is not available, or the network breaks', async () => {
    server.plan(unavailable, hangUp, (response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'), model);
    expect(await client().models.get({ name: 'models/late' })).toMatchObject({ name: 'models/late' });
    expect(server.seen).toHaveLength(4);
  });

  it('is asked so often and no more', async () => {
    server.plan(unavailable);
    expect(await failureOf(client().models.get({ name: 'models/late' }))).toMatchObject({ code: 'UNAVAILABLE', reason: 'PLANNED', status: 503 });
    expect(server.seen).toHaveLength(DEFAULT_RETRY.attempts);
  });

  it('is asked again where an answer broke in the middle', async () => {
    server.plan((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"name":', () => response.destroy());
    }, model);
    expect(await client().models.get({ name: 'models/late' })).toMatchObject({ name: 'models/late' });
  });

  it('waits as long as the server asks for', async () => {
    server.plan(refusal(503, 'UNAVAILABLE', { 'retry-after': '1' }), model);
    await client().models.get({ name: 'models/late' });
    const [first, second] = server.seen.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('does not wait longer than it may: the caller hears how long the server asks for', async () => {
    server.plan(refusal(503, 'UNAVAILABLE', { 'retry-after': '3' }), model);
    expect(await failureOf(client().models.get({ name: 'models/late' }))).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 3_000 });
    server.plan(refusal(503, 'UNAVAILABLE', { 'retry-after': '60' }), model);
    expect(await failureOf(client().models.get({ name: 'models/late' }))).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 60_000 });
    server.plan(refusal(503, 'UNAVAILABLE', { 'retry-after': new Date(Date.now() + 120_000).toUTCString() }), model);
    expect((await failureOf(client().models.get({ name: 'models/late' }))).retryAfterMs).toBeGreaterThan(100_000);
    expect(server.seen).toHaveLength(1);
  });

  it('is not asked again for what will not pass', async () => {
    for (const [status, code] of [[400, 'INVALID_ARGUMENT'], [404, 'NOT_FOUND'], [500, 'INTERNAL'], [504, 'DEADLINE_EXCEEDED'], [429, 'RESOURCE_EXHAUSTED']] as const) {
      server.plan(refusal(status, code), model);
      expect(await failureOf(client().models.get({ name: 'models/late' }))).toMatchObject({ code, status });
    }
    server.plan(refusal(429, 'RESOURCE_EXHAUSTED', { 'retry-after': '0' }), model);
    expect(await client().models.get({ name: 'models/late' })).toMatchObject({ name: 'models/late' });
  });

  it('is not asked again of somebody else', async () => {
    server.plan((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'), model);
    expect(await failureOf(client().models.get({ name: 'models/late' }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NO_GATEWAY' });
    expect(server.seen).toHaveLength(1);
  });

  it('is asked once where the client says so', async () => {
    server.plan(unavailable);
    await failureOf(client(false).models.get({ name: 'models/late' }));
    expect(server.seen).toHaveLength(1);
  });
});

describe('what changes something', () => {
  it('is asked again under one key, where the contract has a request_id', async () => {
    server.plan(hangUp, unavailable, json({}));
    await client().runs.create({ parent: 'experiments/late', run: {} });
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(1);
    server.plan(json({}));
    await client().runs.create({ parent: 'experiments/late' }, { idempotencyKey: 'mine' });
    expect(server.seen[0]?.headers['idempotency-key']).toBe('mine');
    server.plan(unavailable, json({}));
    await client().runs.create({ parent: 'experiments/late', requestId: 'its-own' });
    expect(server.seen.map(({ url, headers }) => [url, headers['idempotency-key']])).toEqual(Array(2).fill(['/v1/experiments/late/runs?requestId=its-own', undefined]));
  });

  it('is asked once without one, though the network broke', async () => {
    server.plan(hangUp, json({}));
    expect(await failureOf(client().aliases.move({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/2' }))).toMatchObject({ code: 'UNAVAILABLE', reason: 'NO_ANSWER' });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.headers['idempotency-key']).toBeUndefined();
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ modelVersion: 'models/late/versions/2' });
  });

  it('of which each message has its own key is asked again as it is', async () => {
    server.plan(unavailable, json({}));
    await client().featureViews.pushRows([{ featureViews: ['featureViews/a'], requestId: 'a' }, { featureViews: ['featureViews/a'], requestId: 'b' }]);
    expect(server.seen).toHaveLength(2);
    server.plan(unavailable, json({}));
    await failureOf(client().featureViews.pushRows([{ featureViews: ['featureViews/a'], requestId: 'a' }, { featureViews: ['featureViews/a'] }]));
    expect(server.seen).toHaveLength(1);
  });
});

describe('time', () => {
  const silent = () => undefined;

  it('ends with the deadline, which the server hears of', async () => {
    server.plan(silent);
    expect(await failureOf(client(quick, 1_000).models.get({ name: 'models/late' }))).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'TIMEOUT' });
    const asked = Number(server.seen[0]?.headers['x-server-timeout']);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(1);
  });

  it('does not begin a pause that would outlast the deadline', async () => {
    server.plan(refusal(503, 'UNAVAILABLE', { 'retry-after': '2' }));
    expect(await failureOf(client(quick, 1_900).models.get({ name: 'models/late' }))).toMatchObject({ code: 'UNAVAILABLE', reason: 'PLANNED' });
  });

  it('ends when the caller says so, with the reason that it gives, in an attempt and in a pause', async () => {
    const why = new Error('the page was left');
    for (const step of [silent, refusal(503, 'UNAVAILABLE', { 'retry-after': '2' })]) {
      server.plan(step);
      const controller = new AbortController();
      const call = client().models.get({ name: 'models/late' }, { signal: controller.signal });
      setTimeout(() => controller.abort(why), 500);
      await expect(call).rejects.toBe(why);
      expect(server.seen).toHaveLength(1);
    }
  });
});

it('draws pauses from the whole of a length that doubles and is bounded', () => {
  const failure = new MillraceError('', { code: 'UNAVAILABLE', reason: 'X' });
  const policy = { attempts: 99, firstMs: 100, mostMs: 1_000 };
  for (const [failed, most] of [[1, 100], [2, 200], [4, 800], [5, 1_000], [60, 1_000]] as const) {
    const pauses = Array.from({ length: 500 }, () => pauseMs(failure, failed, policy) ?? Number.NaN);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
    expect(Math.max(...pauses)).toBeGreaterThan(most * 0.9);
    expect(Math.min(...pauses)).toBeLessThan(most * 0.1);
  }
});
