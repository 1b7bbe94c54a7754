import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { entryUrl } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import { eventually, Instances, type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SPEC_MS = 600_000;
const LEASE_SECONDS = 3;
const INSTANCES = 3;
const KILLS = 4;
const PUSHES = 120;
const ROWS = 25;
const SEED = Number(process.env['MILLRACE_SEED'] ?? 20_260_402);

let servers: SharedServers;
let instances: Instances;
let directory: string;
beforeAll(async () => {
  servers = await useSharedServers();
  directory = mkdtempSync(join(tmpdir(), 'millrace-pushes-'));
  const env = { ...servers.env, MILLRACE_LEASE_SECONDS: String(LEASE_SECONDS), MILLRACE_PUSH_ROWS: '500', MILLRACE_PUSH_SECONDS: '5' };
  instances = await Instances.start({ entry: entryUrl(import.meta.url, '../main.js'), count: INSTANCES, directory: join(directory, 'data'), env });
}, SPEC_MS);
afterAll(async () => {
  await instances.close();
  await servers.drop();
  rmSync(directory, { recursive: true, force: true });
}, SPEC_MS);

/** Asks whichever instance answers, again and again, as a client behind a balancer would. */
async function ask<T>(first: number, work: (client: Client<typeof IngestionServiceDefinition>) => Promise<T>): Promise<T> {
  for (let i = first; ; i++) {
    try {
      if (instances.isUp(i % INSTANCES)) return await work(instances.client(IngestionServiceDefinition, i % INSTANCES));
    } catch (error) {
      if (i > first + 200) throw error;
    }
    await sleep(100);
  }
}

it(`loses no row that it has answered for, and takes none twice, while instances die (seed ${SEED})`, async () => {
  const dataset = 'datasets/pushed';
  const killing = instances.killAtRandom({ seed: SEED, kills: KILLS, absenceMs: LEASE_SECONDS * 1_500 });
  let killed = false;
  void killing.then(() => (killed = true));
  let pushes = 0;
  for (; pushes < PUSHES || !killed; pushes++) {
    const rows = Buffer.from(Array.from({ length: ROWS }, (_, i) => `{"id":${pushes * ROWS + i}}\n`).join(''));
    // Whoever hears no answer sends the same again: an answer that a kill has cut off may have been kept.
    const answer = await ask(pushes, (client) => client.pushRows({ dataset, rows, requestId: `push-${pushes}` }));
    expect(answer.rows).toBe(BigInt(ROWS));
    await sleep(50);
  }
  await killing;
  const latest = async () => (await ask(0, (client) => client.getDatasetVersion({ name: `${dataset}/versions/latest` }))).rows;
  await eventually('every row to be in a version', async () => (await latest()) === BigInt(pushes * ROWS));
  const { ingestionRuns } = await ask(0, (client) => client.listIngestionRuns({ filter: 'dataset=datasets/pushed', pageSize: 1_000 }));
  expect(ingestionRuns.length).toBeGreaterThan(1);
  expect(ingestionRuns.map(({ status }) => status?.error?.message ?? status?.state)).toEqual(ingestionRuns.map(() => JobState.SUCCEEDED));
  expect(ingestionRuns.reduce((sum, { counts }) => sum + (counts?.read ?? 0n), 0n)).toBe(BigInt(pushes * ROWS));
  expect(ingestionRuns.reduce((sum, { counts }) => sum + (counts?.duplicates ?? 0n), 0n)).toBe(0n);
}, SPEC_MS);
