import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ObjectFacts } from '../faults/object-facts.mjs';

const OBJECTS = 'objects/';
const MANIFESTS = 'manifests/';
const AT_ONCE = 8;

/** Reads the whole bucket. What was read once and has not changed since is not read again: `known` remembers it from one reading to the next. */
export async function readBucket({ endpoint, bucket, access, region }, known) {
  const client = new S3Client({ region, endpoint, forcePathStyle: true, credentials: access });
  try {
    const facts = new ObjectFacts();
    const waiting = await list(client, bucket);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
          const bytes = known.get(`${entry.Key} ${entry.ETag}`) ?? (await read(client, bucket, entry.Key));
          if (bytes === undefined) continue;
          known.set(`${entry.Key} ${entry.ETag}`, bytes);
          if (entry.Key.startsWith(OBJECTS)) facts.object(entry.Key.split('/').at(-1), bytes);
          else if (entry.Key.startsWith(MANIFESTS)) facts.manifest(entry.Key.slice(MANIFESTS.length), Buffer.from(bytes).toString('utf8'));
        }
      }),
    );
    return facts;
  } finally {
    client.destroy();
  }
}

async function list(client, bucket) {
  const entries = [];
  let token;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, ...(token === undefined ? {} : { ContinuationToken: token }) }));
    entries.push(...(page.Contents ?? []));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return entries;
}

/** Undefined for what has been deleted since it was listed. */
async function read(client, bucket, key) {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body.transformToByteArray();
  } catch (error) {
    if (error.$metadata?.httpStatusCode === 404) return undefined;
    throw error;
  }
}
