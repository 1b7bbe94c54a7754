import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Definition } from '@millrace/rpc';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { VERSION } from '../version.js';
import { type ArchivedService, type ArchiveManifest, FOLDER_FORMAT, objectFile, type TableSum, writeManifest } from './archive-manifest.js';
import { archiveOf, ARCHIVED, differences, rowsOf, tablesOf } from './archived-home.js';

/** Writes everything that a home keeps to a folder that is not there yet; the folder appears when it is whole. */
export async function writeArchive(session: Session, folder: string): Promise<ArchiveManifest> {
  if (await exists(folder)) throw errors.ARCHIVE_EXISTS({ path: folder });
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'services'), { recursive: true, mode: 0o700 });
  await mkdir(join(partial, 'objects'));
  try {
    const services: ArchivedService[] = [];
    const digests = new Set<string>();
    for (const { service, at } of ARCHIVED) {
      const written = await writeService(session, { service, at, folder: partial });
      written.objects.forEach((digest) => digests.add(digest));
      services.push(written.service);
      session.remark(`${service}: ${rowsOf(written.service.tables)} rows`);
    }
    const objects = await writeObjects(session, [...digests].sort(), partial);
    await refuseChanged(session, services);
    const manifest = { format: FOLDER_FORMAT, millrace: VERSION, services, objects };
    await writeManifest(partial, manifest);
    await rename(partial, folder);
    return manifest;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

async function writeService(session: Session, { service, at, folder }: { readonly service: string; readonly at: Definition; readonly folder: string }): Promise<{ readonly service: ArchivedService; readonly objects: readonly string[] }> {
  const archive = await archiveOf(session, at);
  const file = join('services', `${service}.jsonl`);
  const { bytes, digest } = await writePieces(join(folder, file), archive.exportService({ service }, session.call));
  const objects: string[] = [];
  let tables: Readonly<Record<string, TableSum>> = {};
  for await (const text of createInterface({ input: createReadStream(join(folder, file)) })) {
    // Rows are by far the most lines, and name nothing that a manifest does not.
    if (text.startsWith('{"table":')) continue;
    const line = JSON.parse(text) as { readonly objects?: readonly string[]; readonly end?: { readonly tables: Readonly<Record<string, TableSum>> } };
    objects.push(...(line.objects ?? []));
    tables = line.end?.tables ?? tables;
  }
  return { service: { service, file, bytes, digest, tables }, objects };
}

async function writeObjects(session: Session, digests: readonly string[], folder: string): Promise<ArchiveManifest['objects']> {
  const archive = await archiveOf(session, ARCHIVED[0].at);
  const objects: { readonly digest: string; readonly bytes: number }[] = [];
  for (const digest of digests) {
    const written = await writePieces(join(folder, objectFile(digest)), archive.readObject({ digest }, session.call));
    if (written.digest !== digest) throw errors.ARCHIVE_DAMAGED({ file: objectFile(digest), why: `came as ${written.digest}` });
    objects.push({ digest, bytes: written.bytes });
  }
  session.remark(`objects: ${objects.length}, ${objects.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);
  return objects;
}

async function writePieces(path: string, pieces: AsyncIterable<{ readonly data: Uint8Array }>): Promise<{ readonly bytes: number; readonly digest: string }> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const { data } of pieces) {
      hash.update(data);
      bytes += data.byteLength;
      await file.write(data);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, digest: `sha256:${hash.digest('hex')}` };
}

/** Services are read one after another: what changed meanwhile would not fit together. */
async function refuseChanged(session: Session, services: readonly ArchivedService[]): Promise<void> {
  const changed: string[] = [];
  for (const { service, at } of ARCHIVED) {
    const now = tablesOf(await (await archiveOf(session, at)).getContents({ service }, session.call));
    if (differences(service, services.find((each) => each.service === service)?.tables ?? {}, now).length > 0) changed.push(service);
  }
  if (changed.length > 0) throw errors.HOME_CHANGED({ services: changed.join(', ') });
}
