import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { connect } from '@millrace/rpc';
import { LiveTls } from '@millrace/tls';
import { makeCertificates } from '@millrace/tls/fixture';
import { Module } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { ingestionDesk, Journal, registryDesk } from './desk.fixture.js';
import { type AnyService, defineService, type Env, runServices } from './index.js';
import { openLog } from './log.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-service-tls-'));
const at = (name: string): string => join(folder, name);
const journal = new Journal();
const closers: (() => unknown)[] = [];
const lines: string[] = [];
const log = openLog('debug', { write: (line) => void lines.push(line) });
let homes = 0;

beforeAll(async () => void (await makeCertificates(folder)));
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVED = { MILLRACE_TLS_CERT_FILE: at('server.pem'), MILLRACE_TLS_KEY_FILE: at('server.key') };
const MUTUAL = { ...SERVED, MILLRACE_TLS_CLIENT_CA_FILE: at('ca.pem'), MILLRACE_TLS_CA_FILE: at('ca.pem') };

async function run(services: readonly AnyService[], env: Env) {
  const running = await runServices(services, { env: { MILLRACE_DATA_DIR: at(`home-${++homes}`), MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', ...env }, log });
  closers.push(() => running.close());
  return running;
}

async function registryOf(address: string, identity: 'client' | 'stranger' | undefined) {
  const named = (file: string) => ({ variable: 'SPEC', file: at(file) });
  const tls = await LiveTls.open({ ca: named('ca.pem'), ...(identity ? { cert: named(`${identity}.pem`), key: named(`${identity}.key`) } : {}) });
  const client = connect(RegistryServiceDefinition, address, { tls });
  closers.push(() => client.close(), () => tls.close());
  return client;
}

const pem = (name: string): string => readFileSync(at(name), 'utf8');
const ask = (url: string, identity?: 'client' | 'stranger'): Promise<{ readonly status: number | undefined; readonly body: string }> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false, ca: pem('ca.pem'), ...(identity ? { cert: pem(`${identity}.pem`), key: pem(`${identity}.key`) } : {}) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => resolve({ status: response.statusCode, body }));
    }).once('error', reject);
  });

@Module({})
class Nothing {}
const bakery = defineService({ name: 'bakery', config: z.object({}), serves: [], migrations: {}, module: () => ({ module: Nothing }), routes: (http) => void http.get('/bread', async () => ({ bread: 'rye' })) });

it('lets services call each other by mutual TLS, each with its own certificate', async () => {
  const ingestion = await run([ingestionDesk(journal)], MUTUAL);
  const registry = await run([registryDesk(journal)], { ...MUTUAL, MILLRACE_TLS_CLIENT_CERT_FILE: at('client.pem'), MILLRACE_TLS_CLIENT_KEY_FILE: at('client.key'), MILLRACE_INGESTION_ADDRESS: ingestion.grpcAddress });
  const client = await registryOf(registry.grpcAddress, 'client');
  // Its answer comes from the other service.
  expect((await client.getModel({ name: 'models/nested' })).description).toBe('datasets/flights');
  await expect((await registryOf(registry.grpcAddress, undefined)).getModel({ name: 'models/a' })).rejects.toMatchObject({ reason: 'PEER_NOT_TRUSTED' });
  await expect((await registryOf(registry.grpcAddress, 'stranger')).getModel({ name: 'models/a' })).rejects.toMatchObject({ reason: 'CONNECTION_CLOSED' });
  const plain = connect(IngestionServiceDefinition, ingestion.grpcAddress);
  closers.push(() => plain.close());
  await expect(plain.getDataset({ name: 'datasets/a' })).rejects.toMatchObject({ reason: 'CONNECTION_CLOSED' });
});

it('tells why a service that it calls cannot be trusted', async () => {
  const ingestion = await run([ingestionDesk(journal)], { MILLRACE_TLS_CERT_FILE: at('stranger.pem'), MILLRACE_TLS_KEY_FILE: at('stranger.key') });
  const registry = await run([registryDesk(journal)], { ...MUTUAL, MILLRACE_INGESTION_ADDRESS: ingestion.grpcAddress });
  await expect((await registryOf(registry.grpcAddress, 'client')).getModel({ name: 'models/nested' })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'PEER_NOT_TRUSTED', metadata: { address: ingestion.grpcAddress, why: 'its certificate was signed by nobody who is trusted here' } });
});

it('answers HTTP by TLS; where client certificates are asked for, probes alone to who shows none', async () => {
  const { httpAddress } = await run([bakery], MUTUAL);
  expect(httpAddress).toMatch(/^https:/);
  for (const probe of ['/healthz', '/readyz', '/metrics']) expect((await ask(httpAddress + probe)).status).toBe(200);
  expect(await ask(`${httpAddress}/bread`, 'client')).toEqual({ status: 200, body: '{"bread":"rye"}' });
  for (const identity of [undefined, 'stranger'] as const) {
    const { status, body } = await ask(`${httpAddress}/bread`, identity);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ error: { status: 'UNAUTHENTICATED', details: [{ reason: 'CERTIFICATE_REQUIRED' }] } });
  }
  expect((await ask(`${httpAddress}/nothing`)).status).toBe(401);
  await expect(fetch(httpAddress.replace('https', 'http') + '/bread')).rejects.toThrow();
});

it('answers HTTP to everybody by TLS where no client certificate is asked for', async () => {
  const { httpAddress } = await run([bakery], SERVED);
  expect((await ask(`${httpAddress}/bread`)).status).toBe(200);
});

it('listens on the loopback unless it is told otherwise, and warns of doors that are open to other machines', async () => {
  const warnings = (): readonly string[] => lines.filter((line) => line.includes('"level":"warn"') && line.includes('from anybody'));
  expect((await run([bakery], {})).httpAddress).toMatch(/^http:\/\/127\.0\.0\.1:/);
  await run([bakery], { ...MUTUAL, MILLRACE_HOST: '0.0.0.0' });
  expect(warnings()).toEqual([]);
  await run([bakery], { MILLRACE_HOST: '0.0.0.0' });
  await run([bakery], { ...SERVED, MILLRACE_HOST: '0.0.0.0' });
  expect(warnings().map((line) => /without TLS/.test(line))).toEqual([true, false]);
});
