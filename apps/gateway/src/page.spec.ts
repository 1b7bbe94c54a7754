import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PAGE_POLICY, servePage } from './page.js';

const HTML = { accept: 'text/html,application/xhtml+xml' };

let folder: string;
let http: FastifyInstance;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-page-'));
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>Millrace</title>');
  writeFileSync(join(folder, 'page/assets/index-abc.js'), 'export {};');
  writeFileSync(join(folder, 'page/notes.txt'), 'not of the page');
  writeFileSync(join(folder, 'secret.svg'), '<svg/>');
  http = fastify();
  http.get('/v1/models', async () => ({ models: [] }));
  servePage(http, join(folder, 'page'));
  await http.ready();
});
afterAll(async () => {
  await http.close();
  rmSync(folder, { recursive: true });
});

const get = (url: string, headers: Readonly<Record<string, string>> = {}) => http.inject({ url, headers });

it('answers the page at its root, under a policy that lets in its own files alone', async () => {
  const { statusCode, headers, body } = await get('/', HTML);
  expect({ statusCode, body, type: headers['content-type'], policy: headers['content-security-policy'], keep: headers['cache-control'] }).toEqual({ statusCode: 200, body: expect.stringContaining('Millrace'), type: 'text/html; charset=utf-8', policy: PAGE_POLICY, keep: 'no-cache' });
  expect(PAGE_POLICY).not.toMatch(/unsafe|\*|https?:/);
});

it('lets files whose names hold a digest be kept for ever, and says 304 of others while they are as they were', async () => {
  expect((await get('/assets/index-abc.js')).headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'content-type': 'text/javascript; charset=utf-8' });
  const { headers: { etag } } = await get('/', HTML);
  expect((await get('/', { ...HTML, 'if-none-match': String(etag) })).statusCode).toBe(304);
});

it('answers a deep link that a person opens with the page, and nothing else so', async () => {
  expect((await get('/models/late/versions/2', HTML)).body).toContain('Millrace');
  const others = await Promise.all([get('/models/late'), get('/v1/nothing', HTML), get('/assets/gone.js', HTML), get('/notes.txt', HTML), get('/../secret.svg', HTML), get('/%2e%2e/secret.svg', HTML)]);
  expect(others.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 404, 404]);
  for (const other of others) expect(other.json()).toMatchObject({ error: { details: [{ reason: 'PATH_UNKNOWN' }] } });
  expect((await get('/v1/models', HTML)).json()).toEqual({ models: [] });
});

it('answers nothing where no page was built', async () => {
  const bare = fastify();
  servePage(bare, join(folder, 'nowhere'));
  expect((await bare.inject({ url: '/', headers: HTML })).statusCode).toBe(404);
  await bare.close();
});
