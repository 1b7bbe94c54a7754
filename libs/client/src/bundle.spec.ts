import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { events, json, PlannedServer, refusal } from './planned-server.fixture.js';

const PARTS = { '@millrace/client': new URL('index.ts', import.meta.url), '@millrace/client/nouns': new URL('gen/nouns.ts', import.meta.url) };

/** A module bundled for a browser and minified, as text. */
async function bundle(source: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: Object.entries(PARTS).map(([name, url]) => ({ find: new RegExp(`^${name}$`), replacement: fileURLToPath(url) })) },
    plugins: [{ name: 'entry', resolveId: (id) => (id === 'virtual:entry' ? id : undefined), load: (id) => (id === 'virtual:entry' ? source : undefined) }],
    build: { write: false, target: 'es2022', minify: true, modulePreload: false, rolldownOptions: { input: 'virtual:entry' } },
  });
  const [{ output }] = (Array.isArray(result) ? result : [result]) as [Rolldown.RolldownOutput];
  return output.map((part) => (part.type === 'chunk' ? part.code : '')).join('');
}

const server = new PlannedServer();
beforeAll(() => server.start());
afterAll(() => server.close());

const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length;

it('holds nothing but what lists models, for who lists models only', async () => {
  const code = await bundle(`
import { createClientOf } from '@millrace/client';
import { models } from '@millrace/client/nouns';
const client = createClientOf({ baseUrl: '' }, { models });
for await (const { name } of client.models.list()) console.log(name);
`);
  expect(code).toContain('/v1/models');
  for (const other of ['/v1/pipelines', '/v1/alerts', 'text/event-stream', 'Last-Event-ID', 'COLUMN_TYPE_', 'timestampValue']) expect({ other, held: code.includes(other) }).toEqual({ other, held: false });
  expect(gzipped(code)).toBeLessThan(3_400);
});

it('holds every noun for who asks for all, and nothing for who uses none', async () => {
  const all = await bundle(`import { createClient } from '@millrace/client';\nconsole.log(createClient({ baseUrl: '' }));\n`);
  for (const held of ['/v1/models', '/v1/pipelines', 'text/event-stream', 'COLUMN_TYPE_']) expect({ held, is: all.includes(held) }).toEqual({ held, is: true });
  expect(gzipped(all)).toBeLessThan(12_500);
  expect(await bundle(`import '@millrace/client';\nimport '@millrace/client/nouns';\nconsole.log('x');\n`)).toBe('console.log(`x`);');
});

it('needs nothing that a browser has not', async () => {
  const code = await bundle(`
import { createClient } from '@millrace/client';
globalThis.run = async (baseUrl) => {
  const client = createClient({ baseUrl, retry: { firstMs: 1 } });
  const told = [];
  for await (const { name, createTime } of client.models.list()) told.push(name, createTime.getTime());
  for await (const { name } of client.trainingJobs.watch({ name: 'trainingJobs/a' })) told.push(name);
  told.push((await client.datasets.pushRows({ dataset: 'datasets/a', rows: Uint8Array.of(1, 2, 3) })).pendingRows);
  return told.join();
};
`);
  server.plan(refusal(503, 'UNAVAILABLE'), json({ models: [{ name: 'models/a', createTime: '2001-04-01T00:00:00Z' }] }), events('retry: 1\n\nid: a\ndata: {"name":"trainingJobs/a"}\n\n', { cut: true }), events('event: end\ndata: {}\n\n'), json({}));
  // What the language itself has is in every context; of the platform only what every browser has.
  const { fetch, AbortSignal, AbortController, TextDecoder, URLSearchParams, setTimeout, clearTimeout, crypto, atob, btoa } = globalThis;
  const page = createContext({ fetch, AbortSignal, AbortController, TextDecoder, URLSearchParams, setTimeout, clearTimeout, crypto, atob, btoa });
  runInContext(code, page);
  const run = (page as { readonly run: (baseUrl: string) => Promise<string> }).run;
  expect(await run(server.baseUrl)).toMatch(/^models\/a,986083200000,trainingJobs\/a,0$/);
  expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({ rows: 'AQID' });
});
