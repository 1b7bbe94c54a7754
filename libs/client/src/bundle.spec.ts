import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { expect, it } from 'vitest';

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
  expect(gzipped(all)).toBeLessThan(12_000);
  expect(await bundle(`import '@millrace/client';\nimport '@millrace/client/nouns';\nconsole.log('x');\n`)).toBe('console.log(`x`);');
});
