import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { entryUrl } from '@millrace/core';
import { catalogue, dispatch, onEvent, openKafkaBus, topicsOf } from '@millrace/events';
import type { Client } from '@millrace/rpc';
import { eventually, Instances, type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SPEC_MS = 600_000;
const LEASE_SECONDS = 3;
const KILLS = 5;
const DATASETS = 4;
const FILES = 3;
const ROWS = 50;
const SEED = Number(process.env['MILLRACE_SEED'] ?? 20_260_402);

let servers: SharedServers;
let instances: Instances;
let directory: string;
beforeAll(async () => {
  servers = await useSharedServers();
  directory = mkdtempSync(join(tmpdir(), 'millrace-ingestions-'));
  mkdirSync(join(directory, 'sources'));
  const env = { ...servers.env, MILLRACE_LEASE_SECONDS: String(LEASE_SECONDS), MILLRACE_SOURCE_ROOTS: join(directory, 'sources') };
  instances = await Instances.start({ entry: entryUrl(import.meta.url, './main.js'), count: 3, directory: join(directory, 'data'), env });
}, SPEC_MS);
afterAll(async () => {
  await instances.close();
  await servers.drop();
  rmSync(directory, { recursive: true, force: true });
}, SPEC_MS);

/** Asks whichever instance answers, as a client behind a balancer would. */
async function ask<T>(first: number, work: (client: Client<typeof IngestionServiceDefinition>) => Promise<T>): Promise<T> {
  for (let i = first; ; i++) {
    try {
      if (instances.isUp(i % 3)) return await work(instances.client(IngestionServiceDefinition, i % 3));
    } catch (error) {
      if (i > first + 100) throw error;
    }
    await sleep(100);
  }
}

/** Rows that no other file has. */
function file(dataset: number, number: number): string {
  const path = join(directory, 'sources', `${dataset}-${number}.csv`);
  writeFileSync(path, `id,x\n${Array.from({ length: ROWS }, (_, i) => `${(dataset * FILES + number) * ROWS + i},${i / 3}\n`).join('')}`);
  return path;
}

it(`brings every run to one end, in the order of each dataset, while instances die (seed ${SEED})`, async () => {
  const killing = instances.killAtRandom({ seed: SEED, kills: KILLS, absenceMs: LEASE_SECONDS * 1_500 });
  const names: string[][] = Array.from({ length: DATASETS }, () => []);
  for (let number = 0; number < FILES; number++) {
    for (let dataset = 0; dataset < DATASETS; dataset++) {
      const run = { dataset: `datasets/d${dataset}`, source: { path: file(dataset, number) }, mode: IngestionRun_Mode.APPEND };
      const { name } = await ask(number + dataset, (client) => client.createIngestionRun({ ingestionRun: run, requestId: `r${dataset}-${number}` }));
      names[dataset]?.push(name);
    }
  }
  await killing;
  for (const name of names.flat()) {
    for (let patience = 3; ; patience--) {
      const ended = await eventually(`${name} to end`, async () => {
        const { status } = await ask(0, (client) => client.getIngestionRun({ name }));
        return status?.state !== JobState.PENDING && status?.state !== JobState.RUNNING && status;
      }).catch((error: unknown) => {
        if (patience <= 0) throw error;
        return undefined;
      });
      if (!ended) continue;
      expect(ended.error?.message ?? ended.state).toBe(JobState.SUCCEEDED);
      break;
    }
  }

  // Each version holds the rows of one more file, in the order in which they were asked for.
  for (let dataset = 0; dataset < DATASETS; dataset++) {
    const { datasetVersions } = await ask(0, (client) => client.listDatasetVersions({ parent: `datasets/d${dataset}` }));
    expect(datasetVersions.map(({ ingestionRun }) => ingestionRun).reverse()).toEqual(names[dataset]);
    expect(datasetVersions.map(({ rows }) => Number(rows)).reverse()).toEqual(Array.from({ length: FILES }, (_, i) => (i + 1) * ROWS));
  }

  // Each version was told of by one event; the bus may bring that more than once.
  const told = new Map<string, string>();
  const { MILLRACE_KAFKA_BROKERS: brokers = '', MILLRACE_KAFKA_PREFIX: prefix = '' } = servers.env;
  const bus = await openKafkaBus({ brokers: brokers.split(','), prefix });
  const routes = [onEvent(catalogue.ingestion.datasetVersionCreated, async ({ datasetVersion }, { id }) => void told.set(id, datasetVersion?.name ?? ''))];
  const subscription = await bus.subscribe({ group: 'spec', topics: topicsOf(routes), handler: dispatch(routes) });
  await eventually('every event', async () => told.size >= DATASETS * FILES);
  await sleep(2_000);
  await subscription.stop();
  await bus.close();
  expect([...told.values()].sort()).toEqual(Array.from({ length: DATASETS }, (_, d) => Array.from({ length: FILES }, (__, v) => `datasets/d${d}/versions/${v + 1}`)).flat().sort());
}, SPEC_MS);
