import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { day, LAST_DAY } from '@millrace/e2e';
import { connect } from '@millrace/rpc';
import { eventually, useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACTS } from '../../apps/conformance/src/completeness/contracts.js';
import { Seen } from '../../apps/conformance/src/completeness/seen.js';
import { startEmbedded } from '../../apps/conformance/src/home/embedded-home.js';
import { openHome } from '../../apps/conformance/src/home/open-home.js';
import { flight, row } from '../../apps/conformance/src/world/rows.js';
import { hour, pushed, TRIPS_VIEW } from '../../apps/conformance/src/world/trips.js';
import { World } from '../../apps/conformance/src/world/world.js';
import { openServices } from './services.mjs';

const CLI = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const STORY_MS = 900_000;
const { MILLRACE_TEST_SERVERS: below = tmpdir() } = process.env;

/** What a home answers to the same questions: online features, predictions, and how an alias came to point where it does. `of` gives the address of a service. */
async function answers(of) {
  const [inference, features, registry] = [connect(CONTRACTS.inference, of('inference')), connect(CONTRACTS.features, of('features')), connect(CONTRACTS.registry, of('registry'))];
  try {
    const { vectors } = await eventually('online features that are there', async () => {
      const found = await features.getOnlineFeatures({ featureService: 'featureServices/trips', keys: [row({ origin: 'ATL' })], time: hour(11) });
      return found.vectors[0]?.values[0]?.kind !== undefined && found;
    });
    const { predictions } = await eventually('predictions by online features', async () => {
      const found = await inference.predict({ endpoint: 'endpoints/late', rows: [flight(2_400, 'ORD'), flight(200, 'SEA')], eventTimes: [day(LAST_DAY), day(LAST_DAY)] });
      return found.predictions.every(({ flags }) => flags.length === 0) && found;
    });
    return { vectors, scores: predictions.map(({ score }) => score), alias: await registry.getAlias({ name: 'models/shared/aliases/champion' }) };
  } finally {
    for (const client of [inference, features, registry]) client.close();
  }
}

/** A project goes from files to servers and back. */
describe('a project that moves from one process to a cluster and back', () => {
  let directory;
  const closers = [];
  const archives = [];
  const answered = [];

  const millrace = async (home, ...args) => (await promisify(execFile)(process.execPath, [CLI, ...args], { env: { PATH: process.env['PATH'] ?? '', ...home }, maxBuffer: 64 * 1024 * 1024 })).stdout;

  /** Exports a home once nothing is under way in it. */
  async function exportHome(home, name) {
    const folder = join(directory, name);
    await eventually(`an archive ${name}`, async () => {
      try {
        return await millrace(home, 'export', '--to', folder);
      } catch (error) {
        if (!/while it works|changed while/.test(error.stderr)) throw error;
        return undefined;
      }
    });
    archives.push(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-round-trip-'));
    closers.push(() => rm(directory, { recursive: true, force: true }));

    const old = await openHome('embedded', new Seen());
    const world = new World(old);
    await Promise.all([world.experiment(), world.model(), world.dirty()]);
    const { version } = await world.trips();
    const { name } = await old.features.createMaterialization({ materialization: { featureView: TRIPS_VIEW.name, datasetVersion: version, knownBefore: hour(10) } });
    for await (const { status } of old.features.watchMaterialization({ name })) expect(status?.error).toBeUndefined();
    await old.features.pushRows([9, 9].map((number, i) => ({ featureViews: [TRIPS_VIEW.name], table: pushed(number), requestId: `push ${i}` })));
    await world.watched();
    await exportHome({ MILLRACE_GRPC_ADDRESS: old.addresses.registry }, 'first');
    answered.push(await answers(() => old.addresses.registry));
    await old.close();

    const servers = await useSharedServers();
    closers.push(() => servers.drop());
    const services = openServices({ directory: await mkdtemp(join(below, 'round-trip-')), env: () => servers.env, roots: [directory] });
    await services.reserve();
    closers.push(() => services.stop());
    await services.start();
    const cluster = services.addresses();
    await millrace(cluster, 'import', '--from', join(directory, 'first'));
    await exportHome(cluster, 'second');
    answered.push(await answers((service) => cluster[`MILLRACE_${service.toUpperCase()}_ADDRESS`]));

    const last = await startEmbedded({ directory, roots: directory, onRecord: () => undefined });
    closers.push(() => last.close());
    const home = { MILLRACE_GRPC_ADDRESS: last.addresses.registry };
    await millrace(home, 'import', '--from', join(directory, 'second'));
    await exportHome(home, 'third');
    answered.push(await answers(() => last.addresses.registry));
  }, STORY_MS);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  }, STORY_MS);

  it('keeps every row and every object, digest by digest', () => {
    const [first, second, third] = archives.map(({ services, objects }) => ({ services: services.map(({ service, tables }) => ({ service, tables })), objects }));
    expect(first.services.length).toBe(7);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });

  it('answers in each home as it did in the first', () => {
    const [first, second, third] = answered;
    expect(first).toMatchObject({ scores: [expect.any(Number), expect.any(Number)] });
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });
});
