import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { entryUrl } from '@millrace/core';
import { connect } from '@millrace/rpc';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** Patience for a busy machine; nothing waits so long where all is well. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 45_000, interval: 10 });
const fixture = (name: string): string => fileURLToPath(entryUrl(import.meta.url, `./${name}.fixture.js`));

let dir: string;
const children: ChildProcess[] = [];
const clients: { close(): void }[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-process-'));
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}) {
  const home = { PATH: process.env['PATH'] ?? '', MILLRACE_DATA_DIR: dir, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0' };
  const child = spawn(process.execPath, ['--import', entryUrl(import.meta.url, './loaded-modules.fixture.js').href, fixture('desk-process')], { env: { ...home, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  const [out, log]: [string[], string[]] = [[], []];
  createInterface({ input: child.stdout }).on('line', (line) => out.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, out, log, ended };
}

async function ready(process: ReturnType<typeof start>) {
  await soon(() => expect(process.out.at(-1)).toMatch(/^\S+:\d+ http/));
  const [grpcAddress = '', httpAddress = ''] = process.out.at(-1)?.split(' ') ?? [];
  const [registry, ingestion] = [connect(RegistryServiceDefinition, grpcAddress), connect(IngestionServiceDefinition, grpcAddress)];
  clients.push(registry, ingestion);
  return { registry, ingestion, httpAddress };
}

const loadedBy = ({ out }: { readonly out: readonly string[] }): readonly string[] => out.filter((line) => line.startsWith('loaded ')).map((line) => line.slice('loaded '.length));
const linesOf = (log: readonly string[]) => log.map((line) => JSON.parse(line) as Record<string, unknown>);

it('logs JSON lines with the trace that they belong to, and no payloads or secrets', async () => {
  // Nobody listens there: spans have nowhere to go, and nobody is held up.
  const process = start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  const { registry, ingestion } = await ready(process);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const metadata = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  await registry.getModel({ name: 'models/a' }, { metadata });
  await registry.createModel({ model: { name: 'models/b', description: 'the payload hunter2' } }, { metadata });
  await expect(registry.getModel({ name: 'models/bug' }, { metadata })).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(registry.getModel({ name: 'models/none' }, { metadata })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await ingestion.createDataset({ dataset: { name: 'datasets/flights' } }, { metadata });
  process.child.kill('SIGTERM');
  expect(await process.ended).toBe(0);
  const lines = linesOf(process.log);
  for (const line of lines) expect(line).toMatchObject({ level: expect.any(String), time: expect.stringMatching(/^\d{4}-.*Z$/), msg: expect.any(String) });
  expect(lines.find(({ msg }) => msg === 'a model was read')).toMatchObject({ level: 'info', service: 'registry', model: 'models/a', token: '(hidden)', trace_id: traceId });
  expect(lines.find(({ msg }) => msg === 'a call failed for a reason of ours')).toMatchObject({ level: 'error', method: 'GetModel', trace_id: traceId, err: { message: 'x is not a function' } });
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['ready', 'shutting down']));
  expect(process.log.join('\n')).not.toContain('hunter2');
  expect(process.log.join('\n')).not.toContain('models/none');
  expect(loadedBy(process)).toEqual(expect.arrayContaining(['@opentelemetry/api', '@opentelemetry/sdk-node', '@opentelemetry/exporter-trace-otlp-proto']));
});

it('loads nothing of the OpenTelemetry SDK when no receiver is named, ends on SIGTERM when the calls in flight are answered, and at once on a second signal', async () => {
  const patient = start();
  const first = await ready(patient);
  const answer = first.registry.getModel({ name: 'models/slow' });
  await first.registry.getModel({ name: 'models/a' });
  patient.child.kill('SIGTERM');
  await soon(() => expect(patient.log.join('\n')).toContain('shutting down'));
  expect((await fetch(`${first.httpAddress}/readyz`)).status).toBe(503);
  patient.child.stdin?.write('go\n');
  expect((await answer).name).toBe('models/slow');
  expect(await patient.ended).toBe(0);
  expect(loadedBy(patient)).toEqual(['@opentelemetry/api']);
  expect(linesOf(patient.log).find(({ msg }) => msg === 'a model was read')).not.toHaveProperty('trace_id');

  const hasty = start();
  const second = await ready(hasty);
  const lost = second.registry.getModel({ name: 'models/slow' }).catch((error: unknown) => error);
  await second.registry.getModel({ name: 'models/a' });
  hasty.child.kill('SIGTERM');
  await soon(() => expect(hasty.log.join('\n')).toContain('shutting down'));
  hasty.child.kill('SIGTERM');
  expect(await hasty.ended).toBe(1);
  expect(await lost).toMatchObject({ code: 'UNAVAILABLE' });
});

it('says in plain words why it cannot start, and ends with 1', async () => {
  const process = start({ MILLRACE_GRPC_PORT: 'none', DESK_SEATS: '0' });
  expect(await process.ended).toBe(1);
  expect(process.log).toEqual(['The configuration has faults:', expect.stringContaining('  MILLRACE_GRPC_PORT: '), expect.stringContaining('  DESK_SEATS: '), 'Mend them in the environment and start again.']);
});
