import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type DemoResult, runDemo } from '@millrace/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFlightsSlice } from './flights-slice.js';

const STORY_MS = 900_000;
const BUCKET = `story-${process.pid}`;

/** Names the servers of this run as an operator would: by the environment. */
async function nameServers(): Promise<void> {
  const { MILLRACE_TEST_KAFKA: kafka, MILLRACE_TEST_POSTGRES: postgres, MILLRACE_TEST_S3: s3 } = process.env;
  if (kafka === undefined || postgres === undefined || s3 === undefined) throw new Error('The servers are not named; run npm run test:cluster, which starts them.');
  const { username, password, host } = new URL(s3);
  Object.assign(process.env, {
    MILLRACE_KAFKA_BROKERS: kafka,
    MILLRACE_KAFKA_PREFIX: `story${process.pid}.`,
    MILLRACE_DATABASE_URL: postgres,
    MILLRACE_S3_BUCKET: BUCKET,
    MILLRACE_S3_ENDPOINT: `http://${host}`,
    AWS_ACCESS_KEY_ID: username,
    AWS_SECRET_ACCESS_KEY: password,
    AWS_REGION: 'us-east-1',
  });
  const client = new S3Client({ region: 'us-east-1', endpoint: `http://${host}`, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

/** The same flights in both homes. */
describe('the flights on Kafka, PostgreSQL and S3, a process for each service', () => {
  let directory: string;
  let cluster: DemoResult;
  let embedded: DemoResult;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-cluster-story-'));
    const plan = await writeFlightsSlice(directory);
    const quiet = { keep: false, plan, signal: new AbortController().signal, out: { isTTY: false, columns: 80, write: () => undefined } };
    embedded = await runDemo({ ...quiet, home: 'embedded', directory: join(directory, 'embedded') });
    await nameServers();
    cluster = await runDemo({ ...quiet, home: 'cluster', directory: join(directory, 'cluster') });
  }, STORY_MS);
  afterAll(() => rm(directory, { recursive: true, force: true }));

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
