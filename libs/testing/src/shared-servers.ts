import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';

/** Places of one spec on the servers that all specs share. */
export interface SharedServers {
  /** What the environment of a process says, so that it keeps everything there. */
  readonly env: Readonly<Record<string, string>>;
  /** Drops the database, and with it what it was for. */
  drop(): Promise<void>;
}

const REGION = 'us-east-1';
let places = 0;

/** Makes a database, a bucket and a prefix of topics for one spec; where they are is said by MILLRACE_TEST_*, which `npm run test:cluster` sets. */
export async function useSharedServers(): Promise<SharedServers> {
  const { MILLRACE_TEST_KAFKA: kafka, MILLRACE_TEST_POSTGRES: postgres, MILLRACE_TEST_S3: s3, MILLRACE_TEST_REDIS: redis } = process.env;
  if (kafka === undefined || postgres === undefined || s3 === undefined || redis === undefined) throw new Error('The servers are not named; run npm run test:cluster, which starts them.');
  const place = `p${process.pid}-${++places}`;
  const database = new URL(postgres);
  database.pathname = `/${place}`;
  await administer(postgres, `create database "${place}"`);
  const { username, password, host } = new URL(s3);
  const endpoint = `http://${host}`;
  const client = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: { accessKeyId: username, secretAccessKey: password } });
  await client.send(new CreateBucketCommand({ Bucket: place })).finally(() => client.destroy());
  return {
    env: {
      MILLRACE_KAFKA_BROKERS: kafka,
      MILLRACE_KAFKA_PREFIX: `${place}.`,
      MILLRACE_DATABASE_URL: database.toString(),
      MILLRACE_REDIS_URL: redis,
      MILLRACE_REDIS_PREFIX: `${place}:`,
      MILLRACE_S3_BUCKET: place,
      MILLRACE_S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: username,
      AWS_SECRET_ACCESS_KEY: password,
      AWS_REGION: REGION,
    },
    drop: () => administer(postgres, `drop database if exists "${place}" with (force)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
