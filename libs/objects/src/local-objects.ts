import { canonicalJson, parseCanonicalJson, uuidv7 } from '@millrace/core';
import { chmod, copyFile, readdir, readFile, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { counting, digestOf, digestOfFile, digits, pieces } from './digest.js';
import { makeDirectory, renameDurably, syncFile, writeDurably } from './durable-file.js';
import { errno, errors, withDisk } from './errors.js';
import { checkManifestName, MANIFEST_SUFFIX } from './manifest-name.js';
import type { ObjectsPlace } from './open-objects.js';
import type { Collection, Digest, Manifest, ObjectRef, ObjectSource, ObjectStore } from './object-store.js';

/** After this a temporary of a process that seems alive is dead all the same: its number was given to another process. */
const TEMPORARY_LIFE_MS = 24 * 3600_000;
/** How long to wait for an object that a collection in another process holds for a moment. */
const SET_ASIDE_TRIES = 10;
const SET_ASIDE_WAIT_MS = 20;

/** Opens (and makes) a store in a local directory; several processes may use the same directory at once. */
export async function openLocalObjects(directory: string): Promise<ObjectStore> {
  await withDisk(directory, async () => {
    for (const part of ['objects', 'manifests', 'tmp']) await makeDirectory(join(directory, part));
  });
  const objects = new LocalObjects(await realpath(directory));
  await objects.restore();
  return objects;
}

/** Layout: `objects/ab/<64 digits>` read-only, `manifests/<name>.manifest`, `tmp/<pid>-<uuid>`; everything appears by rename. */
class LocalObjects implements ObjectStore {
  /** What this process has hashed, by the state the file was in then. */
  private readonly verified = new Map<Digest, string>();

  constructor(readonly directory: string) {}

  get place(): ObjectsPlace {
    return { directory: this.directory };
  }

  async put(source: ObjectSource, { signal }: { readonly signal?: AbortSignal } = {}): Promise<ObjectRef> {
    signal?.throwIfAborted();
    return withDisk(this.directory, async () => {
      if (source instanceof Uint8Array) {
        const ref = { digest: digestOf(source), size: source.byteLength };
        return (await this.touch(ref.digest)) ? ref : this.write([source], signal);
      }
      if (!('file' in source)) return this.write(source, signal);
      return source.move ? this.take(source.file, signal) : this.write(pieces(source.file), signal);
    });
  }

  async read(digest: Digest): Promise<Uint8Array> {
    const path = this.path(digest);
    const bytes = await this.whenThere(digest, () => readFile(path));
    const found = digestOf(bytes);
    if (found !== digest) throw errors.OBJECT_CORRUPT({ digest, found, file: path });
    return bytes;
  }

  async *stream(digest: Digest): AsyncIterable<Uint8Array> {
    yield* pieces(await this.file(digest));
  }

  async file(digest: Digest): Promise<string> {
    const path = this.path(digest);
    const state = await this.whenThere(digest, () => stateOf(path));
    if (this.verified.get(digest) === state) return path;
    const found = (await this.whenThere(digest, () => digestOfFile(path))).digest;
    if (found !== digest) throw errors.OBJECT_CORRUPT({ digest, found, file: path });
    this.verified.set(digest, state);
    return path;
  }

  async has(digest: Digest): Promise<boolean> {
    return (await ifThere(() => stat(this.path(digest)))) !== undefined;
  }

  async size(digest: Digest): Promise<number> {
    return (await this.whenThere(digest, () => stat(this.path(digest)))).size;
  }

  async temporaryFile(extension = ''): Promise<string> {
    return join(this.directory, 'tmp', `${process.pid}-${uuidv7()}${extension}`);
  }

  async writeManifest(name: string, manifest: Manifest): Promise<void> {
    const path = this.manifestPath(name);
    const objects = [...new Set(manifest.objects)].sort();
    // Named objects count as fresh from here on, so a collection that has already read the manifests spares them.
    for (const digest of objects) {
      if (await this.touch(digest)) continue;
      await this.file(digest);
      if (!(await this.touch(digest))) throw errors.OBJECT_NOT_FOUND({ digest });
    }
    const content = canonicalJson({ objects, body: manifest.body });
    await withDisk(this.directory, async () => {
      await makeDirectory(dirname(path));
      const temporary = await this.temporaryFile();
      try {
        await writeDurably(temporary, [Buffer.from(`${digestOf(content)}\n${content}\n`)]);
        await renameDurably(temporary, path);
      } finally {
        await rm(temporary, { force: true });
      }
    });
  }

  async readManifest(name: string): Promise<Manifest | undefined> {
    const file = this.manifestPath(name);
    const text = await ifThere(() => readFile(file, 'utf8'));
    if (text === undefined) return undefined;
    const [digest = '', content = ''] = text.split('\n', 2);
    if (digestOf(content) !== digest) throw errors.MANIFEST_CORRUPT({ name, file, detail: 'its content does not have the digest in its first line' });
    return parseCanonicalJson(content) as Manifest;
  }

  async listManifests(prefix = ''): Promise<readonly string[]> {
    const root = join(this.directory, 'manifests');
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(MANIFEST_SUFFIX))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).slice(0, -MANIFEST_SUFFIX.length))
      .filter((name) => name.startsWith(prefix))
      .sort();
  }

  async deleteManifest(name: string): Promise<void> {
    await rm(this.manifestPath(name), { force: true });
  }

  async collect({ olderThanMs }: { readonly olderThanMs: number }): Promise<Collection> {
    const before = Date.now() - olderThanMs;
    await this.restore();
    const named = new Set<Digest>();
    // One manifest that cannot be read stops the collection: nobody knows what it names.
    for (const name of await this.listManifests()) for (const digest of (await this.readManifest(name))?.objects ?? []) named.add(digest);
    const done = { kept: 0, removed: 0, bytes: 0, temporaries: 0 };
    const root = join(this.directory, 'objects');
    for (const shard of await readdir(root)) {
      for (const hex of await readdir(join(root, shard))) {
        const bytes = named.has(`sha256:${hex}`) ? undefined : await this.sweep(join(root, shard, hex), before);
        if (bytes === undefined) done.kept++;
        else {
          done.removed++;
          done.bytes += bytes;
          this.verified.delete(`sha256:${hex}`);
        }
      }
    }
    for (const name of await readdir(join(this.directory, 'tmp'))) if (await this.clear(name, before)) done.temporaries++;
    return done;
  }

  /** Puts back what a collection that was killed had set aside. */
  async restore(digest?: Digest): Promise<void> {
    for (const name of await readdir(join(this.directory, 'tmp'))) {
      const [, pid, hex] = SET_ASIDE.exec(name) ?? [];
      if (hex === undefined || isAlive(Number(pid)) || (digest !== undefined && digits(digest) !== hex)) continue;
      await ifThere(() => renameDurably(join(this.directory, 'tmp', name), this.path(`sha256:${hex}`)));
    }
  }

  private path(digest: Digest): string {
    const hex = digits(digest);
    return join(this.directory, 'objects', hex.slice(0, 2), hex);
  }

  private manifestPath(name: string): string {
    return join(this.directory, 'manifests', checkManifestName(name) + MANIFEST_SUFFIX);
  }

  private async write(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<ObjectRef> {
    const temporary = await this.temporaryFile();
    try {
      const count = counting(source);
      await writeDurably(temporary, count.pieces, signal);
      return await this.publish(temporary, count.result());
    } finally {
      await rm(temporary, { force: true });
    }
  }

  private async take(file: string, signal: AbortSignal | undefined): Promise<ObjectRef> {
    const temporary = await this.temporaryFile();
    try {
      // Under a name of our own first: nobody else can then change what is being hashed.
      await rename(file, temporary).catch(async (error: unknown) => {
        if (errno(error) !== 'EXDEV') throw error;
        await copyFile(file, temporary);
      });
      const ref = await digestOfFile(temporary, signal);
      await chmod(temporary, 0o444);
      await syncFile(temporary);
      await this.publish(temporary, ref);
      await rm(file, { force: true });
      return ref;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  private async publish(temporary: string, ref: ObjectRef): Promise<ObjectRef> {
    if (await this.touch(ref.digest)) return ref;
    const path = this.path(ref.digest);
    await makeDirectory(dirname(path));
    const now = new Date();
    await utimes(temporary, now, now);
    const state = await stateOf(temporary);
    await renameDurably(temporary, path);
    this.verified.set(ref.digest, state);
    return ref;
  }

  /** Makes an object count as new; false where there is none. A damaged one counts as none, so that putting it again mends it. */
  private async touch(digest: Digest): Promise<boolean> {
    const path = this.path(digest);
    return (
      (await ifThere(async () => {
        const known = this.verified.get(digest) === (await stateOf(path));
        if (!known && (await digestOfFile(path)).digest !== digest) return false;
        const now = new Date();
        await utimes(path, now, now);
        this.verified.set(digest, await stateOf(path));
        return true;
      })) ?? false
    );
  }

  private async whenThere<T>(digest: Digest, read: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const found = await ifThere(read);
      if (found !== undefined) return found;
      const aside = (await readdir(join(this.directory, 'tmp'))).some((name) => SET_ASIDE.exec(name)?.[2] === digits(digest));
      if (tries >= SET_ASIDE_TRIES || (!aside && tries > 1)) throw errors.OBJECT_NOT_FOUND({ digest });
      await this.restore(digest);
      await sleep(SET_ASIDE_WAIT_MS);
    }
  }

  /** Removes one unnamed object, unless it is fresh; set aside first and looked at again, because a put in another process may just have counted on it. */
  private async sweep(path: string, before: number): Promise<number | undefined> {
    const first = await ifThere(() => stat(path));
    if (first === undefined || first.mtimeMs > before) return undefined;
    const aside = await this.temporaryFile(`.${basename(path)}.aside`);
    if ((await ifThere(() => rename(path, aside).then(() => true))) === undefined) return undefined;
    const again = await stat(aside);
    if (again.mtimeMs > before) {
      await renameDurably(aside, path);
      return undefined;
    }
    await rm(aside, { force: true });
    return again.size;
  }

  private async clear(name: string, before: number): Promise<boolean> {
    const path = join(this.directory, 'tmp', name);
    const age = await ifThere(() => stat(path));
    if (age === undefined || age.mtimeMs > before) return false;
    if (isAlive(Number.parseInt(name, 10)) && age.mtimeMs > Date.now() - TEMPORARY_LIFE_MS) return false;
    await rm(path, { force: true, recursive: true });
    return true;
  }
}

const SET_ASIDE = /^(\d+)-[0-9a-f-]+\.([0-9a-f]{64})\.aside$/;

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function stateOf(path: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true });
  return `${ino}:${size}:${mtimeNs}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errno(error) === 'EPERM';
  }
}
