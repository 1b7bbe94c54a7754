import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type SecureServer, startSecureServer } from '@millrace/tls/server-fixture';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ObjectStore, openObjects } from './index.js';

const BUCKET = 'secure';
const LARGE = 40 * 1024 * 1024;
const root = mkdtempSync(join(tmpdir(), 'millrace-s3-tls-'));
let server: SecureServer;
let endpoint: string;
let secret: string;

beforeAll(async () => {
  server = await startSecureServer('s3');
  const { username, password, host } = new URL(server.url);
  endpoint = `https://${host}`;
  secret = password;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: username, AWS_SECRET_ACCESS_KEY: password });
  const client = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, requestHandler: { httpsAgent: { ca: readFileSync(server.at('ca.pem')) } } });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
});
afterAll(async () => {
  await server.wipe();
  rmSync(root, { recursive: true, force: true });
});

const open = (ca: string | undefined, { at = endpoint, cache = 'cache' } = {}): Promise<ObjectStore> =>
  openObjects({ bucket: { bucket: BUCKET, region: 'us-east-1', endpoint: at, ...(ca === undefined ? {} : { caFile: server.at(ca) }) }, cacheDirectory: join(root, cache) });
const refusal = async (store: Promise<ObjectStore>): Promise<unknown> => {
  const error = await store.then((opened) => opened.put(new TextEncoder().encode('rye'))).then(() => 'no refusal', (thrown: unknown) => thrown);
  expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(secret);
  return error;
};

it('keeps small and large objects in a server that takes TLS only', async () => {
  const store = await open('ca.pem');
  const small = await store.put(new TextEncoder().encode('wheat'));
  const large = await store.put(Buffer.alloc(LARGE, 7));
  const elsewhere = await open('ca.pem', { cache: 'another' });
  expect(Buffer.from(await elsewhere.read(small.digest)).toString()).toBe('wheat');
  expect((await elsewhere.read(large.digest)).byteLength).toBe(LARGE);
});

it('sends nothing to a server whose authority is not trusted, whose name is another, or that has no TLS', async () => {
  expect(await refusal(open('stranger-ca.pem'))).toMatchObject({ code: 'UNAVAILABLE', reason: 'BUCKET_UNTRUSTED', message: expect.stringContaining('MILLRACE_S3_CA_FILE') as string, metadata: { why: 'its certificate was signed by nobody who is trusted here' } });
  expect(await refusal(open(undefined))).toMatchObject({ reason: 'BUCKET_UNTRUSTED' });
  expect(await refusal(open('ca.pem', { at: endpoint.replace('https', 'http') }))).toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|INTERNAL/) as string });
});
