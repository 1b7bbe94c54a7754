import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from '@millrace/cli';
import { useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, visit } from '../../apps/e2e/src/browser.fixture.js';
import { writeFlightsSlice } from '../../apps/e2e/src/flights-slice.js';
import { expandSchemas, rowsOfNextRelease } from './next-release.mjs';
import { openServices } from './services.mjs';

const STORY_MS = 900_000;
/** The one service without a row of its own. */
const KEEPS_NOTHING = 'gateway';
const { MILLRACE_TEST_SERVERS: below = '' } = process.env;

/** The same flights in both homes. */
describe('the flights on Kafka, PostgreSQL, Redis and S3, a process for each service', () => {
  let directory;
  let servers;
  let services;
  let cluster;
  let embedded;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-cluster-story-'));
    const plan = await writeFlightsSlice(directory);
    const quiet = { keep: false, plan, signal: new AbortController().signal, out: { isTTY: false, columns: 80, write: () => undefined } };
    embedded = await runDemo({ ...quiet, home: 'embedded', directory: join(directory, 'embedded') });
    servers = await useSharedServers();
    await expandSchemas(servers.env['MILLRACE_DATABASE_URL']);
    services = openServices({ directory: await mkdtemp(join(below, 'story-')), env: () => servers.env, roots: [directory] });
    await services.reserve();
    await services.start();
    Object.assign(process.env, servers.env, services.addresses());
    cluster = await runDemo({ ...quiet, home: 'cluster', directory: join(directory, 'cluster') });
  }, STORY_MS);
  afterAll(async () => {
    await services?.stop();
    await servers?.drop();
    await rm(directory, { recursive: true, force: true });
  });

  it('add up', () => {
    expect(cluster.faults).toEqual([]);
    expect(embedded.faults).toEqual([]);
  });

  it('come to the same figures as in one process', () => {
    expect(cluster.summary.ingestions).toEqual(embedded.summary.ingestions);
    expect(cluster.summary.runs.map(({ cause, decision, why, evaluation }) => ({ cause, decision, why, evaluation }))).toEqual(embedded.summary.runs.map(({ cause, decision, why, evaluation }) => ({ cause, decision, why, evaluation })));
    expect(cluster.summary.windows.map(({ from, predictions, labels, scorePsi, performance }) => ({ from, predictions, labels, scorePsi, performance }))).toEqual(
      embedded.summary.windows.map(({ from, predictions, labels, scorePsi, performance }) => ({ from, predictions, labels, scorePsi, performance })),
    );
  });

  it('go over schemas that a next release has expanded, as while it is rolled out', async () => {
    const found = await rowsOfNextRelease(servers.env['MILLRACE_DATABASE_URL']);
    for (const [service, { rows, known }] of Object.entries(found)) expect({ service, known, wrote: rows > 0 }).toEqual({ service, known: 0, wrote: service !== KEEPS_NOTHING });
  });

  it('show themselves on the one page of the gateway, in a browser', async () => {
    const browser = await openBrowser();
    try {
      await visit({ browser, url: services.addresses()['MILLRACE_GATEWAY_HTTP_ADDRESS'] }, async (page) => {
        await page.getByText('predictions watched').waitFor();
        expect(await page.locator('.station h3').allInnerTexts()).toEqual(['Source', 'Data', 'Features', 'Training', 'Model', 'Endpoint', 'Monitor']);
        for (const view of ['Data', 'Features', 'Pipelines', 'Experiments', 'Models', 'Endpoints', 'Monitoring']) {
          await page.getByRole('link', { name: new RegExp(`^${view}`) }).first().click();
          await page.getByRole('link', { name: view === 'Data' ? 'flights' : view === 'Features' ? 'departures' : 'late-flights' }).first().waitFor();
          expect(await page.locator('.failure').count()).toBe(0);
        }
      });
    } finally {
      await browser.close();
    }
  }, 60_000);

  it('tell what the processes used at most', () => {
    expect(cluster.summary.peakMemoryMb).toBeGreaterThan(embedded.summary.peakMemoryMb);
    expect(embedded.summary.peakMemoryMb).toBeGreaterThan(50);
  });
});
