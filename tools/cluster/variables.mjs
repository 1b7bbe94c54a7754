import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

const REGION = 'us-east-1';

/** The variables by which a service finds the servers that listen at these URLs; the URL of S3 carries its key and secret. */
export function variablesOf({ kafka, postgres, redis, s3 }, { bucket = 'millrace', prefix = '' } = {}) {
  const { username, password, host } = new URL(s3);
  return {
    MILLRACE_KAFKA_BROKERS: kafka,
    ...(prefix === '' ? {} : { MILLRACE_KAFKA_PREFIX: prefix }),
    MILLRACE_DATABASE_URL: postgres,
    MILLRACE_REDIS_URL: redis,
    MILLRACE_S3_BUCKET: bucket,
    MILLRACE_S3_ENDPOINT: `http://${host}`,
    AWS_ACCESS_KEY_ID: username,
    AWS_SECRET_ACCESS_KEY: password,
    AWS_REGION: REGION,
  };
}

/** Makes the bucket that these variables name, unless it is there. */
export async function makeBucket({ MILLRACE_S3_BUCKET: bucket, MILLRACE_S3_ENDPOINT: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }) {
  const client = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (error.name !== 'BucketAlreadyOwnedByYou' && error.name !== 'BucketAlreadyExists') throw error;
  } finally {
    client.destroy();
  }
}
