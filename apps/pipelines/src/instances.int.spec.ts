import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { type Firing, Firing_Decision } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { entryUrl } from '@millrace/core';
import { catalogue, openKafkaBus, toRecord } from '@millrace/events';
import type { Client } from '@millrace/rpc';
import { eventually, type Home, Instances, type SharedServers, standInService, startHome, useSharedServers } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { FILE } from './pipelines-home.fixture.js';
import { DAY_MS, World } from './world.fixture.js';

const SPEC_MS = 600_000;
const LEASE_SECONDS = 3;
const EVERY_MS = 2_000;
const KILLS = 8;
const SEED = Number(process.env['MILLRACE_SEED'] ?? 20_260_401);

/** Nothing holds a trigger back but the runs under way. */
const open = (source: string): string => source.replace('cooldown: 7d, min_new_labels: 100', 'cooldown: 0s, min_new_labels: 0');

let servers: SharedServers;
let others: Home;
let instances: Instances;
const world = new World();
beforeAll(async () => {
  servers = await useSharedServers();
  others = await startHome([standInService(world.standIns())]);
  const addresses = Object.fromEntries(['INGESTION', 'FEATURES', 'TRAINER', 'REGISTRY', 'INFERENCE', 'MONITOR'].map((name) => [`MILLRACE_${name}_ADDRESS`, others.grpcAddress]));
  const directory = mkdtempSync(join(tmpdir(), 'millrace-pipelines-'));
  // Two clocks are five minutes off, one each way.
  instances = await Instances.start({ entry: entryUrl(import.meta.url, './main.js'), count: 3, directory, env: { ...servers.env, ...addresses, MILLRACE_LEASE_SECONDS: String(LEASE_SECONDS) }, clockOffsets: [300_000, 0, -300_000] });
}, SPEC_MS);
afterEach(() => world.reset());
afterAll(async () => {
  await instances.close();
  await others.close();
  await servers.drop();
}, SPEC_MS);

/** Asks whichever instance answers, as a client behind a balancer would. */
async function ask<T>(work: (client: Client<typeof PipelinesServiceDefinition>) => Promise<T>): Promise<T> {
  for (let i = 0; ; i++) {
    const index = i % 3;
    try {
      if (instances.isUp(index)) return await work(instances.client(PipelinesServiceDefinition, index));
    } catch (error) {
      if (i > 60) throw error;
    }
    await sleep(100);
  }
}

const apply = (name: string, source: string) => ask((client) => client.applyPipeline({ source: source.replace('pipeline: late', `pipeline: ${name}`).replaceAll('name: late', `name: ${name}`), basePath: '/data' }));

async function firingsOf(name: string): Promise<readonly Firing[]> {
  const all: Firing[] = [];
  for (let pageToken = ''; ; ) {
    const page = await ask((client) => client.listFirings({ filter: `pipeline=pipelines/${name}`, pageToken }));
    all.push(...page.firings);
    pageToken = page.nextPageToken;
    if (pageToken === '') return all;
  }
}

async function runsOf(name: string): Promise<readonly PipelineRun[]> {
  const all: PipelineRun[] = [];
  for (let pageToken = ''; ; ) {
    const page = await ask((client) => client.listPipelineRuns({ filter: `pipeline=pipelines/${name}`, pageToken }));
    all.push(...page.pipelineRuns);
    pageToken = page.nextPageToken;
    if (pageToken === '') return all;
  }
}

const isOpen = ({ status }: PipelineRun): boolean => status?.state === JobState.PENDING || status?.state === JobState.RUNNING;

it(`fires each time of a schedule once, and loses none, while instances die and two clocks are wrong (seed ${SEED})`, async () => {
  world.data.push({ rows: 1_000, day: 90 });
  await apply('timed', open(FILE).replace("'0 3 * * *'", `'*/${EVERY_MS / 1_000} * * * * *'`));
  const began = Date.now();
  await instances.killAtRandom({ seed: SEED, kills: KILLS, absenceMs: LEASE_SECONDS * 1_500 });
  await ask((client) => client.pausePipeline({ name: 'pipelines/timed', paused: true }));
  const ended = Date.now();
  await eventually('every run to end', async () => !(await runsOf('timed')).some(isOpen));
  const [firings, runs] = [await firingsOf('timed'), await runsOf('timed')];

  const times = firings.map(({ dueTime }) => dueTime?.getTime() ?? 0).sort((a, b) => a - b);
  expect(times.length).toBeGreaterThan(KILLS / 2);
  // Each once, none left out between the first and the last, and none before its time.
  expect(times).toEqual(Array.from({ length: times.length }, (_, i) => (times[0] ?? 0) + i * EVERY_MS));
  expect(times[0]).toBeGreaterThan(began - EVERY_MS);
  expect(times.at(-1)).toBeLessThanOrEqual(ended);
  expect(times.at(-1), 'the last ones too').toBeGreaterThan(ended - 10_000);

  // Each run was started by one firing, and each firing that says so started one.
  const started = firings.filter(({ decision }) => decision === Firing_Decision.STARTED).map(({ pipelineRun }) => pipelineRun);
  expect(new Set(started).size).toBe(started.length);
  expect(runs.map(({ name }) => name).sort()).toEqual(started.toSorted());
  expect(runs.map(({ status }) => status?.error?.message ?? status?.state)).toEqual(runs.map(() => JobState.SUCCEEDED));
  // Whoever drove a run asked for each piece of work by the same name.
  const trained = [...world.jobs.keys()].filter((id) => id.includes('-train-'));
  expect(trained.every((id) => id.endsWith('-1'))).toBe(true);
}, SPEC_MS);

it('starts no more runs than the guards let, though every instance hears of a trigger at the same time', async () => {
  world.data.push({ rows: 1_000, day: 90 });
  world.held.add('train');
  const names = Array.from({ length: 4 }, (_, i) => `guarded-${i}`);
  for (const name of names) await apply(name, open(FILE));
  const { MILLRACE_KAFKA_BROKERS: brokers = '', MILLRACE_KAFKA_PREFIX: prefix = '' } = servers.env;
  const bus = await openKafkaBus({ brokers: brokers.split(','), prefix });
  // Different keys, so that different instances handle them.
  const reports = Array.from({ length: 6 }, (_, i) => Report.fromPartial({ name: `reports/r${i}`, to: new Date(91 * DAY_MS) }));
  const records = names.flatMap((name) =>
    reports.map((report, i) => toRecord(i % 2 === 0 ? catalogue.monitor.driftDetected : catalogue.monitor.performanceDropped, '/spec', { report: { ...report, name: `${report.name}-${name}` }, endpoint: `endpoints/${name}` }, { id: `${name}-${i}` })),
  );
  await bus.publish(records);
  await bus.publish(records);
  await bus.close();
  for (const name of names) {
    await eventually(`the guards of ${name} to be asked about all`, async () => {
      const firings = await firingsOf(name);
      return firings.length === reports.length && firings.every(({ why }) => why !== 'the guards are being asked');
    });
    expect((await runsOf(name)).filter(isOpen)).toHaveLength(1);
  }
  world.release('train');
  // Whichever instance drove the run, its end frees what was held for it.
  for (const name of names) await eventually(`what ${name} held to be asked about again`, async () => !(await runsOf(name)).some(isOpen) && (await firingsOf(name)).every(({ why }) => !why.includes('under way')));
}, SPEC_MS);

it('cancels a run at whichever instance it is asked', async () => {
  world.data.push({ rows: 1_000, day: 90 });
  world.held.add('train');
  await apply('stopped', open(FILE));
  for (const index of [0, 1, 2]) {
    const run = await ask((client) => client.createPipelineRun({ pipeline: 'pipelines/stopped', requestId: `run-${index}`, fresh: true }));
    await eventually('it to train', async () => (await ask((client) => client.getPipelineRun({ name: run.name }))).steps.some(({ id, state }) => id === 'train' && state === 'STATE_RUNNING'));
    await instances.client(PipelinesServiceDefinition, index).cancelPipelineRun({ name: run.name });
    await eventually('it to be cancelled', async () => (await ask((client) => client.getPipelineRun({ name: run.name }))).status?.state === JobState.CANCELLED);
  }
}, SPEC_MS);
