import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { CreateBucketCommand, DeleteObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from './index.js';
import { openS3Objects } from './s3-objects.js';

/** http://key:secret@host:port */
const given = URL.parse(process.env['MILLRACE_TEST_S3'] ?? '');
const endpoint = given === null ? '' : `http://${given.host}`;
Object.assign(process.env, { AWS_ACCESS_KEY_ID: given?.username, AWS_SECRET_ACCESS_KEY: given?.password });
const BUCKET = `millrace-${process.pid}`;
const REGION = 'us-east-1';
const HOUR = 3_600_000;

let root: string;
let client: S3Client;
let now = Date.now();
let prefix = '';
let places = 0;
let store: ObjectStore;

beforeAll(async () => {
  if (endpoint === '') throw new Error('MILLRACE_TEST_S3 is not set; run npm run test:cluster, which starts a server.');
  client = new S3Client({ region: REGION, endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  root = mkdtempSync(join(tmpdir(), 'millrace-s3-'));
});
afterAll(() => {
  client.destroy();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
  now = Date.now();
  prefix = `p${++places}/`;
  store = await open();
});

/** Each process has a cache of its own. */
const open = (cache = `cache-${places}`): Promise<ObjectStore> => openS3Objects({ bucket: BUCKET, region: REGION, endpoint, prefix, cacheDirectory: join(root, cache), clock: () => now });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const digestOf = (content: string | Uint8Array): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const keyOf = (digest: string): string => `${prefix}objects/${digest.slice(7, 9)}/${digest.slice(7)}`;
const text = async (from: ObjectStore, digest: string): Promise<string> => Buffer.from(await from.read(digest)).toString();

describe('objects in a bucket', () => {
  it('names the same content the same, however it comes', async () => {
    writeFileSync(join(root, 'file'), 'wheat');
    writeFileSync(join(root, 'moved'), 'wheat');
    const ref = { digest: digestOf('wheat'), size: 5 };
    expect(await store.put(bytes('wheat'))).toEqual(ref);
    expect(await store.put(Readable.from([bytes('wh'), bytes('eat')]))).toEqual(ref);
    expect(await store.put({ file: join(root, 'file') })).toEqual(ref);
    expect(await store.put({ file: join(root, 'moved'), move: true })).toEqual(ref);
  });

  it('gives back, in a process with an empty cache, what was put', async () => {
    const other = await open(`other-${places}`);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (content) => {
        const { digest } = await store.put(content);
        expect(Buffer.compare(await other.read(digest), content)).toBe(0);
      }),
      { numRuns: 15 },
    );
    const { digest } = await store.put(bytes('oats'));
    const parts: Uint8Array[] = [];
    for await (const piece of other.stream(digest)) parts.push(piece);
    expect(Buffer.concat(parts).toString()).toBe('oats');
    expect([await other.has(digest), await other.size(digest)]).toEqual([true, 4]);
  });

  it('sends a large one up in parts and reads it whole', async () => {
    const content = Buffer.alloc(40 * 1024 * 1024, 'grain');
    const { digest, size } = await store.put(content);
    expect(size).toBe(content.length);
    expect(digestOf(await (await open(`other-${places}`)).read(digest))).toBe(digestOf(content));
  });

  it('bears many puts of one content at once, from several processes', async () => {
    const stores = [store, await open(`other-${places}`)];
    const refs = await Promise.all(Array.from({ length: 20 }, (_, i) => (stores[i % 2] ?? store).put(Readable.from([bytes('barley')]))));
    expect(new Set(refs.map(({ digest }) => digest)).size).toBe(1);
    expect(await text(await open(`third-${places}`), digestOf('barley'))).toBe('barley');
  });

  it('reports a damaged object, names it, and is mended by the same put', async () => {
    const { digest } = await store.put(bytes('millet'));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(digest), Body: 'mullet' }));
    const other = await open(`other-${places}`);
    await expect(other.read(digest)).rejects.toMatchObject({ code: 'INTERNAL', reason: 'OBJECT_CORRUPT', metadata: { digest, found: digestOf('mullet'), file: `s3://${BUCKET}/${keyOf(digest)}` } });
    await other.put(bytes('millet'));
    expect(await text(await open(`third-${places}`), digest)).toBe('millet');
  });

  it('says that an object is not there, and takes no digest that could name a key', async () => {
    await expect(store.read(digestOf('nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'OBJECT_NOT_FOUND' });
    await expect(store.size(digestOf('nothing'))).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
    for (const digest of ['../../etc/passwd', '', `sha256:${'A'.repeat(64)}`]) await expect(store.file(digest)).rejects.toMatchObject({ reason: 'INVALID_DIGEST' });
  });

  it('names nothing when a put is cancelled half-way up', async () => {
    const abort = new AbortController();
    const putting = store.put(Buffer.alloc(48 * 1024 * 1024, 'half'), { signal: abort.signal });
    setTimeout(() => abort.abort(), 250);
    const { name, digest } = await putting.then((ref) => ({ name: 'done', digest: ref.digest }), (error: Error) => ({ name: error.name, digest: digestOf(Buffer.alloc(48 * 1024 * 1024, 'half')) }));
    // Either it was quicker than the cancelling, and whole; or it is not there at all.
    expect(await store.has(digest)).toBe(name === 'done');
  });

  it('replaces a manifest whole, lists by prefix, deletes, and refuses one whose object is not there', async () => {
    const { digest } = await store.put(bytes('a'));
    expect(await store.readManifest('datasets/flights/1')).toBeUndefined();
    await store.writeManifest('datasets/flights/1', { objects: [digest], body: { rows: 3n } });
    await store.writeManifest('datasets/flights', { objects: [], body: 'beside its parts' });
    await store.writeManifest('datasets/flights/1', { objects: [digest, digest], body: { rows: 4n } });
    const other = await open(`other-${places}`);
    expect(await other.readManifest('datasets/flights/1')).toEqual({ objects: [digest], body: { rows: 4n } });
    expect(await other.listManifests('datasets/')).toEqual(['datasets/flights', 'datasets/flights/1']);
    await other.deleteManifest('datasets/flights/1');
    expect(await store.listManifests()).toEqual(['datasets/flights']);
    await expect(store.writeManifest('x', { objects: [digestOf('gone')], body: 1 })).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
    await expect(store.writeManifest('../x', { objects: [], body: 1 })).rejects.toMatchObject({ reason: 'INVALID_MANIFEST_NAME' });
  });
});

describe('the collection of a bucket', () => {
  it('takes at the second time what nobody names, and never what a manifest names', async () => {
    const [named, old] = await Promise.all(['named', 'old'].map((content) => store.put(bytes(content))));
    await store.writeManifest('keep', { objects: [named?.digest ?? ''], body: 1 });
    expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ kept: 2, removed: 0 });
    now += 2 * HOUR;
    expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ kept: 2, removed: 0 });
    now += 2 * HOUR;
    expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ kept: 1, removed: 1, bytes: 3 });
    expect([await store.has(named?.digest ?? ''), await store.has(old?.digest ?? '')]).toEqual([true, false]);
  });

  it('spares what was put again, or named, after it was marked', async () => {
    const [again, named] = await Promise.all(['again', 'named'].map(async (content) => (await store.put(bytes(content))).digest));
    now += 2 * HOUR;
    await store.collect({ olderThanMs: HOUR });
    await (await open(`other-${places}`)).put(bytes('again'));
    await store.writeManifest('m', { objects: [named ?? ''], body: 1 });
    await store.deleteManifest('m');
    now += 2 * HOUR;
    expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ removed: 0 });
    expect([await store.has(again ?? ''), await store.has(named ?? '')]).toEqual([true, true]);
  });

  it('keeps every named object while another process collects all the time', async () => {
    const other = await open(`other-${places}`);
    const refs = await Promise.all(Array.from({ length: 30 }, (_, i) => store.put(bytes(`grain ${i}`))));
    now += 2 * HOUR;
    await other.collect({ olderThanMs: HOUR });
    now += 2 * HOUR;
    // All are marked and may go now; half of them are put and named again at the same moment.
    const sweeping = other.collect({ olderThanMs: HOUR });
    const naming = Promise.allSettled(refs.map(async ({ digest }, i) => {
      if (i % 2 === 1) return;
      await store.put(bytes(`grain ${i}`));
      await store.writeManifest(`m/${i}`, { objects: [digest], body: i });
    }));
    const [{ removed }, outcomes] = await Promise.all([sweeping, naming]);
    expect(removed).toBeGreaterThan(0);
    expect(outcomes.filter(({ status }) => status === 'rejected').map((outcome) => (outcome as PromiseRejectedResult).reason as { reason: string }).every(({ reason }) => reason === 'OBJECT_NOT_FOUND')).toBe(true);
    for (const name of await store.listManifests('m/')) {
      for (const digest of (await store.readManifest(name))?.objects ?? []) await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf(digest) }));
    }
  });

  it('collects nothing as long as a manifest cannot be read', async () => {
    await store.put(bytes('a'));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}manifests/m.manifest`, Body: 'half' }));
    await expect(store.collect({ olderThanMs: -1 })).rejects.toMatchObject({ reason: 'MANIFEST_CORRUPT', metadata: { name: 'm' } });
  });

  it('gives up uploads in parts that nobody has ended', async () => {
    now += 2 * HOUR;
    await store.collect({ olderThanMs: HOUR });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: prefix }));
    expect(Uploads).toEqual([]);
  });
});

describe('a bucket that says no', () => {
  const cacheDirectory = (): string => join(root, `cache-${++places}`);
  it('is named with the mend: no such bucket, wrong key, nobody there', async () => {
    await expect(openS3Objects({ bucket: 'no-such-bucket', region: REGION, endpoint, cacheDirectory: cacheDirectory() })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'BUCKET_NOT_FOUND' });
    const secret = process.env['AWS_SECRET_ACCESS_KEY'];
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    await expect(openS3Objects({ bucket: BUCKET, region: REGION, endpoint, cacheDirectory: cacheDirectory() })).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'BUCKET_DENIED' });
    process.env['AWS_SECRET_ACCESS_KEY'] = secret;
    await expect(openS3Objects({ bucket: BUCKET, region: REGION, endpoint: 'http://127.0.0.1:1', cacheDirectory: cacheDirectory() })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'BUCKET_UNREACHABLE', retryable: true });
    await expect(openS3Objects({ bucket: BUCKET, region: 'mars-1', endpoint, cacheDirectory: cacheDirectory() })).rejects.toMatchObject({ reason: expect.stringMatching(/BUCKET_(ELSEWHERE|DENIED)/) as string });
  });

  it('loses an object only to the reader, who says so', async () => {
    const { digest } = await store.put(bytes('lost'));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keyOf(digest) }));
    await expect((await open(`other-${places}`)).read(digest)).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
    await store.put(bytes('lost'));
    expect(await text(await open(`third-${places}`), digest)).toBe('lost');
  });
});
