import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, runServices } from '@millrace/service';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatewayService } from './index.js';

const NOBODY = '127.0.0.1:1';
const SERVICES = ['INGESTION', 'FEATURES', 'TRAINER', 'REGISTRY', 'INFERENCE', 'MONITOR', 'PIPELINES'];

let dataDir: string;
let running: Running;
const environment = (addresses: Readonly<Record<string, string>>) => ({ MILLRACE_DATA_DIR: dataDir, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', LOG_LEVEL: 'silent', ...addresses });
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-gateway-alone-'));
  running = await runServices([gatewayService], { env: environment(Object.fromEntries(SERVICES.map((name) => [`MILLRACE_${name}_ADDRESS`, NOBODY]))) });
});
afterAll(async () => {
  await running.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it.each(['/v1/models', '/v1/pipelineRuns/x:watch'])('says that a service is away, when to ask again, and not where it is: %s', async (path) => {
  const answer = await fetch(`${running.httpAddress}${path}`);
  const text = await answer.text();
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(JSON.parse(text)).toMatchObject({ error: { status: 'UNAVAILABLE', details: [{ domain: 'gateway.millrace', reason: 'SERVICE_UNREACHABLE' }] } });
  expect(text).not.toContain('127.0.0.1');
});

it('answers by itself what every process answers', async () => {
  expect(await (await fetch(`${running.httpAddress}/v1/deadLetters`)).json()).toEqual({});
  expect((await fetch(`${running.httpAddress}/docs`)).status).toBe(200);
});

it('does not start without knowing where every service is', async () => {
  const other = mkdtempSync(join(tmpdir(), 'millrace-gateway-lost-'));
  await expect(runServices([gatewayService], { env: { ...environment({}), MILLRACE_DATA_DIR: other } })).rejects.toMatchObject({ reason: 'SERVICE_ADDRESS_MISSING' });
  rmSync(other, { recursive: true, force: true });
});
