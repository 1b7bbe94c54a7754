import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoResult, runDemo } from '@millrace/cli';
import { type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFlightsSlice } from './flights-slice.js';

const STORY_MS = 900_000;

/** The same flights in both homes. */
describe('the flights on Kafka, PostgreSQL and S3, a process for each service', () => {
  let directory: string;
  let servers: SharedServers;
  let cluster: DemoResult;
  let embedded: DemoResult;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-cluster-story-'));
    const plan = await writeFlightsSlice(directory);
    const quiet = { keep: false, plan, signal: new AbortController().signal, out: { isTTY: false, columns: 80, write: () => undefined } };
    embedded = await runDemo({ ...quiet, home: 'embedded', directory: join(directory, 'embedded') });
    servers = await useSharedServers();
    // Named as an operator would: by the environment.
    Object.assign(process.env, servers.env);
    cluster = await runDemo({ ...quiet, home: 'cluster', directory: join(directory, 'cluster') });
  }, STORY_MS);
  afterAll(async () => {
    await servers.drop();
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
});
