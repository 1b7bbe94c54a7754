import { entryUrl } from '@millrace/core';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { errors, withDisk } from './errors.js';
import { openLocalObjects, type ObjectStore } from './index.js';

const HOUR = 3600_000;

let dir: string;
let store: ObjectStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-objects-'));
  store = await openLocalObjects(join(dir, 'store'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const digestOf = (content: string | Uint8Array): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const temporaries = (): string[] => readdirSync(join(dir, 'store/tmp'));
const age = (path: string, ms: number): void => utimesSync(path, (Date.now() - ms) / 1000, (Date.now() - ms) / 1000);

async function collectPieces(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

it('names the same content the same, however it comes, and keeps it once', async () => {
  writeFileSync(join(dir, 'file'), 'wheat');
  writeFileSync(join(dir, 'moved'), 'wheat');
  const ref = { digest: digestOf('wheat'), size: 5 };
  expect(await store.put(bytes('wheat'))).toEqual(ref);
  expect(await store.put(Readable.from([bytes('wh'), bytes('eat')]))).toEqual(ref);
  expect(await store.put({ file: join(dir, 'file') })).toEqual(ref);
  expect(await store.put({ file: join(dir, 'moved'), move: true })).toEqual(ref);
  expect(existsSync(join(dir, 'file'))).toBe(true);
  expect(existsSync(join(dir, 'moved'))).toBe(false);
  expect(readdirSync(join(dir, 'store/objects'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(1);
  expect(temporaries()).toEqual([]);
});

it('gives back what was put', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (content) => {
      const { digest, size } = await store.put(content);
      expect(digest).toBe(digestOf(content));
      expect(size).toBe(content.length);
      expect(Buffer.compare(await store.read(digest), content)).toBe(0);
    }),
    { numRuns: 25 },
  );
  const { digest } = await store.put(bytes('oats'));
  expect(await collectPieces(store.stream(digest))).toBe('oats');
  expect(readFileSync(await store.file(digest), 'utf8')).toBe('oats');
  expect([await store.has(digest), await store.size(digest)]).toEqual([true, 4]);
});

it('takes over a file that DuckDB or another has written in the store', async () => {
  const file = await store.temporaryFile('.parquet');
  writeFileSync(file, 'rye');
  const inode = statSync(file).ino;
  const { digest } = await store.put({ file, move: true });
  expect(statSync(await store.file(digest)).ino).toBe(inode);
  expect(temporaries()).toEqual([]);
});

it('bears many puts of one content at once', async () => {
  const refs = await Promise.all(Array.from({ length: 20 }, () => store.put(Readable.from([bytes('barley')]))));
  expect(new Set(refs.map(({ digest }) => digest)).size).toBe(1);
  expect(Buffer.from(await store.read(refs[0]?.digest ?? '')).toString()).toBe('barley');
});

it('reports a damaged object, names it, and is mended by the same put', async () => {
  const { digest } = await store.put(bytes('millet'));
  const path = await store.file(digest);
  chmodSync(path, 0o600);
  writeFileSync(path, 'mullet');
  for (const read of [() => store.read(digest), () => store.file(digest), () => collectPieces(store.stream(digest))]) {
    await expect(read()).rejects.toMatchObject({ code: 'INTERNAL', reason: 'OBJECT_CORRUPT', metadata: { digest, found: digestOf('mullet'), file: path } });
  }
  truncateSync(path, 2);
  await expect(store.read(digest)).rejects.toMatchObject({ reason: 'OBJECT_CORRUPT' });
  await store.put(bytes('millet'));
  expect(Buffer.from(await store.read(digest)).toString()).toBe('millet');
});

it('says that an object is not there, and takes no digest that could name a path', async () => {
  await expect(store.read(digestOf('nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'OBJECT_NOT_FOUND' });
  expect(await store.has(digestOf('nothing'))).toBe(false);
  for (const digest of ['../../etc/passwd', 'sha256:../../../x', `sha256:${'A'.repeat(64)}`, '']) await expect(store.file(digest)).rejects.toMatchObject({ reason: 'INVALID_DIGEST' });
});

it('leaves nothing behind when a put fails or is cancelled half-way', async () => {
  async function* broken() {
    yield bytes('half');
    throw new Error('the source broke');
  }
  await expect(store.put(broken())).rejects.toThrow('the source broke');
  const abort = new AbortController();
  async function* endless() {
    for (let piece = 0; ; piece++) {
      if (piece === 3) abort.abort();
      yield bytes('more');
    }
  }
  await expect(store.put(endless(), { signal: abort.signal })).rejects.toThrow('aborted');
  expect(temporaries()).toEqual([]);
  expect(readdirSync(join(dir, 'store/objects'))).toEqual([]);
});

it('replaces a manifest whole, lists by prefix, and deletes', async () => {
  const { digest } = await store.put(bytes('a'));
  expect(await store.readManifest('datasets/flights/1')).toBeUndefined();
  await store.writeManifest('datasets/flights/1', { objects: [digest], body: { rows: 3n, gap: NaN } });
  await store.writeManifest('datasets/flights', { objects: [], body: 'beside its parts' });
  await store.writeManifest('datasets/flights/1', { objects: [digest, digest], body: { rows: 4n } });
  expect(await store.readManifest('datasets/flights/1')).toEqual({ objects: [digest], body: { rows: 4n } });
  await store.writeManifest('models/m', { objects: [], body: null });
  expect(await store.listManifests('datasets/')).toEqual(['datasets/flights', 'datasets/flights/1']);
  await store.deleteManifest('datasets/flights/1');
  expect(await store.listManifests()).toEqual(['datasets/flights', 'models/m']);
});

it('refuses a manifest whose name could leave the directory or whose object is not there', async () => {
  for (const name of ['', '/etc/x', '../x', 'a/../b', 'a//b', '.hidden', 'a.manifest/b', 'a\0b', 'a'.repeat(201)]) {
    await expect(store.writeManifest(name, { objects: [], body: 1 })).rejects.toMatchObject({ reason: 'INVALID_MANIFEST_NAME' });
  }
  await expect(store.writeManifest('a', { objects: [digestOf('gone')], body: 1 })).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
  expect(await store.listManifests()).toEqual([]);
});

it('collects what nobody names and nobody has put lately, and never what a manifest names', async () => {
  const [named, old, fresh] = await Promise.all(['named', 'old', 'fresh'].map((text) => store.put(bytes(text))));
  await store.writeManifest('keep', { objects: [named?.digest ?? ''], body: 1 });
  for (const ref of [named, old]) age(await store.file(ref?.digest ?? ''), 2 * HOUR);
  expect(await store.collect({ olderThanMs: HOUR })).toEqual({ kept: 2, removed: 1, bytes: 3, temporaries: 0 });
  expect(await Promise.all([named, old, fresh].map((ref) => store.has(ref?.digest ?? '')))).toEqual([true, false, true]);
  await store.deleteManifest('keep');
  age(await store.file(named?.digest ?? ''), 2 * HOUR);
  expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ removed: 1 });
});

it('counts an object as new when it is put or named again', async () => {
  const [again, named] = await Promise.all(['again', 'named'].map(async (text) => (await store.put(bytes(text))).digest));
  for (const digest of [again, named]) age(await store.file(digest ?? ''), 2 * HOUR);
  await store.put(bytes('again'));
  await store.writeManifest('m', { objects: [named ?? ''], body: 1 });
  await store.deleteManifest('m');
  expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ kept: 2, removed: 0 });
});

it('collects nothing as long as a manifest cannot be read', async () => {
  const { digest } = await store.put(bytes('a'));
  await store.writeManifest('m', { objects: [], body: 1 });
  const file = join(dir, 'store/manifests/m.manifest');
  chmodSync(file, 0o600);
  truncateSync(file, 80);
  age(await store.file(digest), 2 * HOUR);
  await expect(store.collect({ olderThanMs: HOUR })).rejects.toMatchObject({ reason: 'MANIFEST_CORRUPT', metadata: { name: 'm' } });
  expect(await store.has(digest)).toBe(true);
});

it('clears the temporaries of the dead, not those of the living', async () => {
  const [dead, alive, young] = [`999999999-x`, `${process.pid}-y`, `999999999-z`].map((name) => join(dir, 'store/tmp', name));
  for (const path of [dead, alive, young]) writeFileSync(path ?? '', 'half');
  for (const path of [dead, alive]) age(path ?? '', 2 * HOUR);
  expect(await store.collect({ olderThanMs: HOUR })).toMatchObject({ temporaries: 1 });
  expect(temporaries().sort()).toEqual([basename(young ?? ''), basename(alive ?? '')].sort());
});

it('puts back what a collection that was killed had set aside', async () => {
  const { digest } = await store.put(bytes('aside'));
  const path = await store.file(digest);
  renameSync(path, join(dir, 'store/tmp', `999999999-0198-aa.${basename(path)}.aside`));
  expect(Buffer.from(await store.read(digest)).toString()).toBe('aside');
});

it('keeps every named object while another process collects in the same directory', async () => {
  const other = await openLocalObjects(join(dir, 'store'));
  let done = false;
  const sweeping = (async () => {
    let removed = 0;
    while (!done) removed += (await other.collect({ olderThanMs: 5_000 })).removed;
    return removed;
  })();
  let refused = 0;
  for (let turn = 0; turn < 80; turn++) {
    const { digest } = await store.put(bytes(`grain ${turn}`));
    await store.file(digest).then((path) => age(path, HOUR));
    // The object is old and unnamed now, so a collection may be quicker; then the manifest is refused, never written in vain.
    if (turn % 2 === 0) await store.writeManifest(`m/${turn}`, { objects: [digest], body: turn }).catch(() => refused++);
  }
  done = true;
  expect(await sweeping).toBeGreaterThan(0);
  const names = await store.listManifests('m/');
  expect(names).toHaveLength(40 - refused);
  for (const name of names) for (const digest of (await store.readManifest(name))?.objects ?? []) await store.read(digest);
});

it('says RESOURCE_EXHAUSTED when the disk is full', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  await expect(withDisk('/data', () => Promise.reject(full))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', message: errors.DISK_FULL({ directory: '/data' }).message, cause: full });
});

it('shows no damaged object and loses no manifest when its process is killed at any moment', async () => {
  const told: string[] = [];
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [fileURLToPath(entryUrl(import.meta.url, './putter.fixture.js')), join(dir, 'store')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (piece: Buffer) => {
        if (said === '') setTimeout(() => child.kill('SIGKILL'), 20 + round * 37);
        said += String(piece);
      });
      child.once('close', () => resolve());
    });
    told.push(...said.split('\n').slice(0, -1));
  }
  expect(told.length).toBeGreaterThan(6);
  const after = await openLocalObjects(join(dir, 'store'));
  const names = await after.listManifests();
  for (const name of told) expect(names).toContain(name);
  for (const name of names) for (const digest of (await after.readManifest(name))?.objects ?? []) await after.read(digest);
  for (const entry of readdirSync(join(dir, 'store/objects'), { recursive: true, withFileTypes: true })) if (entry.isFile()) await after.read(`sha256:${entry.name}`);
  expect(await after.collect({ olderThanMs: -1 })).toMatchObject({ kept: names.length });
  expect(temporaries()).toEqual([]);
});
