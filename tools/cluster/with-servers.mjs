import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';

const BUCKET = 'millrace';
const REGION = 'us-east-1';
const USED = ['kafka', 'postgres', 's3'];

/** Starts the servers of the cluster home below a folder, hands `work` the variables that name them, and ends them with it. Throws, with the command that installs it, where one is missing. */
export async function withServers(dir, work) {
  const missing = USED.map((name) => KINDS[name].missing()).filter((why) => why !== undefined);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const release = await guard(dir);
  try {
    const [kafka, postgres, s3] = await Promise.all(USED.map((name) => openServer(KINDS[name], { dir }).start()));
    const { username, password, host } = new URL(s3);
    const access = { AWS_ACCESS_KEY_ID: username, AWS_SECRET_ACCESS_KEY: password, AWS_REGION: REGION };
    await makeBucket(`http://${host}`, access);
    return await work({ MILLRACE_KAFKA_BROKERS: kafka, MILLRACE_DATABASE_URL: postgres, MILLRACE_S3_BUCKET: BUCKET, MILLRACE_S3_ENDPOINT: `http://${host}`, ...access });
  } finally {
    await release();
  }
}

async function makeBucket(endpoint, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }) {
  const client = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (error.name !== 'BucketAlreadyOwnedByYou' && error.name !== 'BucketAlreadyExists') throw error;
  } finally {
    client.destroy();
  }
}
