import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Client, createClient } from '@millrace/client';
import type { Browser } from 'playwright-core';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CliProcess } from './cli-process.fixture.js';
import { openBrowser, PHONE, visit } from './browser.fixture.js';
import { writeFlightsSlice } from './flights-slice.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const EXAMPLE = join(ROOT, 'examples/flights-web');
/** Written by the example's own set-up, from the model of whoever runs it. */
const GENERATED = join(EXAMPLE, 'src/late-flights.ts');
const KEPT = `${GENERATED}.kept`;
const ENDPOINT = 'endpoints/late-flights';
const run = promisify(execFile);

let directory: string;
let millrace: CliProcess;
let client: Client;
let browser: Browser;
let served: PreviewServer;
let url: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-web-'));
  const { data } = await writeFlightsSlice(directory);
  await rename(data, join(directory, basename(data)));
  millrace = new CliProcess(directory);
  const { httpAddress } = await millrace.up();
  client = createClient({ baseUrl: httpAddress });
  for (const line of [['apply', 'millrace.yaml'], ['run', 'late-flights']]) expect({ line, ...(await millrace.run(...line)) }).toMatchObject({ line, code: 0 });
  if (existsSync(GENERATED)) await rename(GENERATED, KEPT);
  expect(await millrace.run('generate', 'client', 'late-flights', '--out', GENERATED)).toMatchObject({ code: 0 });
  await build({ configFile: join(EXAMPLE, 'vite.config.ts'), build: { outDir: join(directory, 'page'), emptyOutDir: true }, logLevel: 'error' });
  const proxy = { '/v1': { target: httpAddress, headers: { origin: httpAddress }, changeOrigin: true } };
  served = await preview({ configFile: join(EXAMPLE, 'vite.config.ts'), build: { outDir: join(directory, 'page') }, preview: { port: 0, strictPort: false, proxy }, logLevel: 'error' });
  url = served.resolvedUrls?.local[0] ?? '';
  browser = await openBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await rm(GENERATED, { force: true });
  if (existsSync(KEPT)) await rename(KEPT, GENERATED);
  const code = await millrace.down();
  await rm(directory, { recursive: true, force: true });
  expect(code).toBe(0);
}, 60_000);

it('compiles against what the model reads, and not against what it does not', async () => {
  const compile = () => run(process.execPath, [join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-p', EXAMPLE]).then(() => '', ({ stdout }: { readonly stdout: string }) => stdout);
  expect(await compile()).toBe('');
  const source = await readFile(GENERATED, 'utf8');
  expect(await millrace.run('generate', 'client', 'late-flights')).toMatchObject({ out: source });
  // A model that has never seen Phoenix: the flights from there are named.
  await writeFile(GENERATED, source.replaceAll("'PHX'", "'XXX'"));
  expect(await compile()).toMatch(/flights\.ts.*"PHX"/);
  await writeFile(GENERATED, source);
});

it('shows the probability of a flight and why, and sends the outcome back', () =>
  visit({ browser, url }, async (page) => {
    await page.getByLabel('Departure').fill('2001-02-11T17:30');
    await page.getByRole('radio', { name: /ORD → BOS/ }).check();
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('How did it turn out?').waitFor();
    const id = /prediction (\S+)/.exec(await page.locator('#answer').innerText())?.[1] ?? '';
    const { record, inputs } = await client.predictions.get({ endpoint: ENDPOINT, id });
    const cell = (name: string) => record?.inputs[inputs.indexOf(name)];
    expect([cell('origin')?.stringValue, cell('destination')?.stringValue, cell('distance')?.int64Value, record?.eventTime]).toEqual(['ORD', 'BOS', 867n, new Date('2001-02-11T17:30:00Z')]);
    expect(await page.locator('.said b').innerText()).toBe(`${((record?.score ?? Number.NaN) * 100).toFixed(0)} %`);

    // Why is what the endpoint says of the same row.
    const { predictions: [again] } = await client.endpoints.predictRows({ endpoint: ENDPOINT, rows: [{ values: Object.fromEntries(inputs.map((name, i) => [name, record?.inputs[i] ?? {}])) }], contributions: 5 });
    const told = await page.locator('li').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('span')].map((span) => span.textContent)));
    expect(told).toEqual(again?.contributions.map(({ input, change }) => [input.replaceAll('_', ' '), `${change > 0 ? '+' : '−'}${(Math.abs(change) * 100).toFixed(1)}`]));
    expect(told.length).toBeGreaterThan(0);

    await page.getByRole('button', { name: 'It was late' }).click();
    await page.getByText('Thank you.').waitFor();
    expect((await client.predictions.get({ endpoint: ENDPOINT, id })).label).toBe(1);
  }));

it('says why there is no answer, and fits a phone', () =>
  visit({ browser, url, screen: PHONE, expected: [/status of 400/] }, async (page) => {
    const error = { code: 400, status: 'INVALID_ARGUMENT', message: 'Row 0 is not what the model reads.', details: [] };
    await page.route('**/v1/**', (route) => route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ error }) }));
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain(error.message);
  }));
