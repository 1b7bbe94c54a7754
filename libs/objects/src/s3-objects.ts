import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import { rm } from 'node:fs/promises';
import { digestOf, digits, pieces } from './digest.js';
import { errors } from './errors.js';
import { openLocalObjects } from './local-objects.js';
import { checkManifestName, MANIFEST_SUFFIX } from './manifest-name.js';
import type { Collection, Digest, Manifest, ObjectRef, ObjectSource, ObjectStore } from './object-store.js';
import type { ObjectsPlace } from './open-objects.js';
import { S3Bucket, type S3Options } from './s3-bucket.js';
import { S3Marks } from './s3-marks.js';

/** How a store in a bucket is opened. */
export interface S3ObjectsOptions extends S3Options {
  /** Where objects lie that were read or written lately; any number of processes may share it, and it may be deleted at any time. */
  readonly cacheDirectory: string;
  readonly clock?: () => number;
}

const OBJECTS = 'objects/';
const MANIFESTS = 'manifests/';
/** What nobody has put for so long leaves the cache at a collection. */
const CACHE_LIFE_MS = 24 * 3_600_000;
const DELETING_WAIT_MS = 200;

/** Opens a store in a bucket that is there already; a local directory holds copies of what is in use. */
export async function openS3Objects({ cacheDirectory, clock = Date.now, ...options }: S3ObjectsOptions): Promise<ObjectStore> {
  const bucket = new S3Bucket(options);
  // Says at once what is wrong with the bucket, the region or the credentials.
  await bucket.list(MANIFESTS).next();
  return new S3Objects(bucket, await openLocalObjects(cacheDirectory), { clock, place: { bucket: options, cacheDirectory } });
}

/** Layout: `objects/ab/<64 digits>`, `manifests/<name>.manifest`, `marks/<64 digits>` for the collection. */
class S3Objects implements ObjectStore {
  readonly place: ObjectsPlace;
  private readonly clock: () => number;
  readonly #marks: S3Marks;
  /** What was read and found damaged: putting it again must not trust that it is there. */
  readonly #damaged = new Set<Digest>();

  constructor(
    private readonly bucket: S3Bucket,
    private readonly cache: ObjectStore,
    { clock, place }: { readonly clock: () => number; readonly place: ObjectsPlace },
  ) {
    this.clock = clock;
    this.place = place;
    this.#marks = new S3Marks(bucket, clock);
  }

  get directory(): string {
    return this.cache.directory;
  }

  /** The name is the digest of the whole content, so a stream lies in the cache before its first byte goes up. */
  async put(source: ObjectSource, { signal }: { readonly signal?: AbortSignal } = {}): Promise<ObjectRef> {
    const ref = await this.cache.put(source, signal === undefined ? {} : { signal });
    await this.#ensure(ref, signal);
    return ref;
  }

  async read(digest: Digest): Promise<Uint8Array> {
    await this.file(digest);
    return this.cache.read(digest);
  }

  async *stream(digest: Digest): AsyncIterable<Uint8Array> {
    yield* pieces(await this.file(digest));
  }

  async file(digest: Digest): Promise<string> {
    if (!(await this.cache.has(digest))) await this.#fetch(digest);
    return this.cache.file(digest);
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.bucket.head(keyOf(digest))) !== undefined;
  }

  async size(digest: Digest): Promise<number> {
    const found = await this.bucket.head(keyOf(digest));
    if (!found) throw errors.OBJECT_NOT_FOUND({ digest });
    return found.size;
  }

  temporaryFile(extension?: string): Promise<string> {
    return this.cache.temporaryFile(extension);
  }

  async writeManifest(name: string, manifest: Manifest): Promise<void> {
    const key = manifestKey(name);
    const objects = [...new Set(manifest.objects)].sort();
    for (const digest of objects) {
      if (!(await this.has(digest))) throw errors.OBJECT_NOT_FOUND({ digest });
      // A collection that is deleting it would win: then the object must be put again before it can be named.
      if ((await this.#marks.rescue(digits(digest))) === 'deleting') throw errors.OBJECT_NOT_FOUND({ digest });
    }
    const content = canonicalJson({ objects, body: manifest.body });
    await this.bucket.write(key, Buffer.from(`${digestOf(content)}\n${content}\n`));
  }

  async readManifest(name: string): Promise<Manifest | undefined> {
    const key = manifestKey(name);
    const found = await this.bucket.read(key);
    if (!found) return undefined;
    const [digest = '', content = ''] = Buffer.from(found.bytes).toString('utf8').split('\n', 2);
    if (digestOf(content) !== digest) throw errors.MANIFEST_CORRUPT({ name, file: this.bucket.place(key), detail: 'its content does not have the digest in its first line' });
    return parseCanonicalJson(content) as Manifest;
  }

  async listManifests(prefix = ''): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { key } of this.bucket.list(MANIFESTS + prefix)) if (key.endsWith(MANIFEST_SUFFIX)) names.push(key.slice(MANIFESTS.length, -MANIFEST_SUFFIX.length));
    return names.sort();
  }

  async deleteManifest(name: string): Promise<void> {
    await this.bucket.remove(manifestKey(name));
  }

  /** Marks what no manifest names, and deletes what has been marked for `olderThanMs` and that nobody has counted on since: an object goes at the second collection at the earliest. */
  async collect({ olderThanMs }: { readonly olderThanMs: number }): Promise<Collection> {
    const done = { kept: 0, removed: 0, bytes: 0, temporaries: 0 };
    const unnamed: { readonly hex: string; readonly size: number }[] = [];
    const named = await this.#named();
    for await (const { key, size, time } of this.bucket.list(OBJECTS)) {
      const hex = key.slice(-64);
      if (named.has(`sha256:${hex}`) || this.clock() - time.getTime() < olderThanMs) done.kept++;
      else unnamed.push({ hex, size });
    }
    for (const { hex, size } of unnamed) {
      if (!(await this.#marks.beginDeleting(hex, olderThanMs))) {
        await this.#marks.condemn(hex);
        done.kept++;
        continue;
      }
      // Named while the mark was still to be read: the name was written before the mark could be taken.
      if ((await this.#named()).has(`sha256:${hex}`)) {
        done.kept++;
      } else {
        await this.bucket.remove(keyOf(`sha256:${hex}`));
        done.removed++;
        done.bytes += size;
      }
      await this.#marks.endDeleting(hex);
    }
    done.temporaries = await this.bucket.abortUploads(new Date(this.clock() - olderThanMs));
    await this.cache.collect({ olderThanMs: Math.max(olderThanMs, CACHE_LIFE_MS) });
    return done;
  }

  async #named(): Promise<ReadonlySet<Digest>> {
    const named = new Set<Digest>();
    // One manifest that cannot be read stops the collection: nobody knows what it names.
    for (const name of await this.listManifests()) for (const digest of (await this.readManifest(name))?.objects ?? []) named.add(digest);
    return named;
  }

  /** Sees to it that the bucket has what the cache has, and that no collection takes it for old. */
  async #ensure({ digest, size }: ObjectRef, signal: AbortSignal | undefined): Promise<void> {
    const key = keyOf(digest);
    const there = this.#damaged.has(digest) ? undefined : await this.bucket.head(key);
    if (there?.size === size) {
      if ((await this.#marks.rescue(digits(digest))) === 'kept') return;
      // Its collector must have ended, or the deletion would come after the new upload.
      await sleep(DELETING_WAIT_MS, undefined, { signal });
      return this.#ensure({ digest, size }, signal);
    }
    signal?.throwIfAborted();
    await this.bucket.upload(key, await this.cache.file(digest), signal);
    signal?.throwIfAborted();
    this.#damaged.delete(digest);
  }

  async #fetch(digest: Digest): Promise<void> {
    const key = keyOf(digest);
    const temporary = await this.cache.temporaryFile();
    try {
      if (!(await this.bucket.download(key, temporary))) throw errors.OBJECT_NOT_FOUND({ digest });
      const { digest: found } = await this.cache.put({ file: temporary, move: true });
      if (found === digest) return;
      this.#damaged.add(digest);
      throw errors.OBJECT_CORRUPT({ digest, found, file: this.bucket.place(key) });
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

function keyOf(digest: Digest): string {
  const hex = digits(digest);
  return `${OBJECTS}${hex.slice(0, 2)}/${hex}`;
}

const manifestKey = (name: string): string => MANIFESTS + checkManifestName(name) + MANIFEST_SUFFIX;
