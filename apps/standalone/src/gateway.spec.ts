import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, runServices } from '@millrace/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from './index.js';

let dataDir: string;
let running: Running;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-gateway-'));
  running = await runServices(services, { env: { MILLRACE_DATA_DIR: dataDir, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', MILLRACE_SOURCE_ROOTS: dataDir, LOG_LEVEL: 'silent' } });
});
afterAll(async () => {
  await running.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const ask = (verb: string, path: string, { body, headers = {} }: Asked = {}) =>
  fetch(`${running.httpAddress}${path}`, { method: verb, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const json = async (answer: Promise<Response>) => (await (await answer).json()) as Record<string, unknown> & { readonly error?: { readonly code: number; readonly details: readonly { readonly reason: string; readonly metadata: unknown }[] } };
const entity = { description: 'where flights begin', joinKeys: [{ name: 'origin', type: 'COLUMN_TYPE_STRING' }] };

describe('resources over HTTP', () => {
  it('are made, read under their names, and tagged', async () => {
    const made = await ask('PUT', '/v1/entities/airport', { body: entity });
    expect(made.status).toBe(200);
    const read = await ask('GET', '/v1/entities/airport');
    expect(await read.json()).toMatchObject({ name: 'entities/airport', ...entity, etag: '1' });
    expect(read.headers.get('etag')).toBe('"1"');
    expect((await ask('GET', '/v1/entities/airport', { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
  });

  it('are listed in pages', async () => {
    for (const name of ['a', 'b', 'c']) expect((await ask('POST', '/v1/experiments', { body: { name: `experiments/${name}` } })).status).toBe(200);
    const first = await json(ask('GET', '/v1/experiments?pageSize=2'));
    expect(first).toMatchObject({ experiments: [{ name: 'experiments/a' }, { name: 'experiments/b' }] });
    expect(await json(ask('GET', `/v1/experiments?page_size=2&page_token=${encodeURIComponent(String(first['nextPageToken']))}`))).toMatchObject({ experiments: [{ name: 'experiments/c' }] });
  });

  it('are made once for each key', async () => {
    const headers = { 'idempotency-key': '"0f1e"' };
    const first = await json(ask('POST', '/v1/experiments/a/runs', { body: { displayName: 'one' }, headers }));
    expect(await json(ask('POST', '/v1/experiments/a/runs', { body: { displayName: 'one' }, headers }))).toEqual(first);
    expect(await json(ask('GET', '/v1/experiments/a/runs'))).toMatchObject({ runs: [{ name: first['name'] }] });
    const torn = await json(ask('POST', '/v1/experiments/a/runs?requestId=other', { body: {}, headers }));
    expect(torn).toMatchObject({ error: { code: 400, details: [{ reason: 'FIELD_INVALID', metadata: { field: 'Idempotency-Key' } }] } });
  });

  it('are only changed as they were known: 412 by the header, 409 by the body or the query', async () => {
    expect(await json(ask('DELETE', '/v1/entities/airport', { headers: { 'if-match': '"7"' } }))).toMatchObject({ error: { code: 412, status: 'ABORTED', details: [{ reason: 'DEFINITION_CHANGED' }] } });
    expect(await json(ask('DELETE', '/v1/entities/airport?etag=7'))).toMatchObject({ error: { code: 409, status: 'ABORTED' } });
    expect((await ask('DELETE', '/v1/entities/airport', { headers: { 'if-match': 'W/"1"' } })).status).toBe(400);
    expect((await ask('DELETE', '/v1/entities/airport', { headers: { 'if-match': '"1"' } })).status).toBe(200);
  });

  it('refuse an etag where none would be looked at', async () => {
    expect(await json(ask('POST', '/v1/models', { body: { name: 'models/x' }, headers: { 'if-match': '"1"' } }))).toMatchObject({ error: { code: 400, details: [{ reason: 'ETAG_UNSUPPORTED' }] } });
  });

  it('apply a resource over the state that was read, and over no other', async () => {
    expect(await json(ask('PUT', '/v1/entities/of-an-etag', { body: { ...entity, description: 'first' } }))).toMatchObject({ etag: '1' });
    expect(await json(ask('PUT', '/v1/entities/of-an-etag', { body: { ...entity, description: 'second' }, headers: { 'if-match': '"1"' } }))).toMatchObject({ etag: '2', description: 'second' });
    const late = await ask('PUT', '/v1/entities/of-an-etag', { body: { ...entity, description: 'third' }, headers: { 'if-match': '"1"' } });
    expect([late.status, await late.json()]).toMatchObject([412, { error: { status: 'ABORTED', details: [{ reason: 'DEFINITION_CHANGED' }] } }]);
  });
});

describe('what is wrong', () => {
  it.each([
    ['GET', '/v1/models/none/versions/3', undefined, 404, 'MODEL_VERSION_NOT_FOUND'],
    ['GET', '/v1/models/NONE', undefined, 400, 'INVALID_NAME'],
    ['PUT', '/v1/entities/x', { joinKeys: [{ name: 1 }] }, 400, 'FIELD_INVALID'],
    ['PUT', '/v1/entities/x', { name: 'entities/y' }, 400, 'FIELD_INVALID'],
    ['GET', '/v1/experiments?pageToken=xx', undefined, 400, 'INVALID_PAGE_TOKEN'],
    ['POST', '/v1/featureServices/x:checkFeatures', {}, 400, 'BODY_INVALID'],
  ])('%s %s with %j is %i %s', async (verb, path, body, code, reason) => {
    expect(await json(ask(verb, path, { body }))).toMatchObject({ error: { code, details: [{ reason }] } });
  });

  it('says which deadline it does not take, and keeps to the one that it takes', async () => {
    expect(await json(ask('GET', '/v1/models', { headers: { 'x-server-timeout': 'soon' } }))).toMatchObject({ error: { code: 400, details: [{ reason: 'TIMEOUT_INVALID' }] } });
    expect((await ask('GET', '/v1/models', { headers: { 'x-server-timeout': '5' } })).status).toBe(200);
  });

  it('answers a page from elsewhere, and a name that was made to lead here, with 403', async () => {
    expect(await json(ask('GET', '/v1/models', { headers: { origin: 'https://evil.example' } }))).toMatchObject({ error: { code: 403, details: [{ reason: 'ORIGIN_UNKNOWN' }] } });
    // fetch writes its own Host.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${running.httpAddress}/v1/models`, { headers: { host: 'evil.example' } }, (response) => resolve(response.resume().statusCode)).once('error', reject).end();
    });
    expect(status).toBe(403);
  });
});

it('compresses large answers for who takes them', async () => {
  const answer = await ask('GET', '/openapi.json', { headers: { 'accept-encoding': 'gzip' } });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(await answer.json()).toMatchObject({ openapi: '3.1.0' });
});

it('ends the streams that are read when it shuts down, and waits for none of their readers', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-gateway-end-'));
  const other = await runServices(services, { env: { MILLRACE_DATA_DIR: directory, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', MILLRACE_SHUTDOWN_SECONDS: '60', LOG_LEVEL: 'silent' } });
  const answer = await fetch(`${other.httpAddress}/v1/alerts:watch`);
  const read = answer.text();
  await other.close();
  // Were it waited for, this would take the whole minute.
  expect(await read).toMatch(/^retry: \d+/);
  rmSync(directory, { recursive: true, force: true });
}, 30_000);
