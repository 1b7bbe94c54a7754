import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../errors.js';

/** Of the folder; a later one is refused. */
export const FOLDER_FORMAT = 1;
const MANIFEST = 'manifest.json';
const SEAL = 'manifest.sha256';

/** What a table holds, in a form that is the same in every home. */
export interface TableSum {
  readonly rows: number;
  readonly digest: string;
}

/** The lines of one service. */
export interface ArchivedService {
  /** Such as "registry". */
  readonly service: string;
  /** Below the folder. */
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
  readonly tables: Readonly<Record<string, TableSum>>;
}

/** What lies in the folder of an archive: everything that is beside it is named here, with its digest. */
export interface ArchiveManifest {
  readonly format: number;
  /** Which Millrace wrote it. */
  readonly millrace: string;
  readonly services: readonly ArchivedService[];
  readonly objects: readonly { readonly digest: string; readonly bytes: number }[];
}

/** Where the object of a digest lies below the folder. */
export const objectFile = (digest: string): string => join('objects', digest.replace('sha256:', ''));

/** Writes the manifest, and beside it what seals it. */
export async function writeManifest(folder: string, manifest: ArchiveManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 1)}\n`;
  await writeFile(join(folder, MANIFEST), text);
  await writeFile(join(folder, SEAL), `${createHash('sha256').update(text).digest('hex')}\n`);
}

/** Reads the manifest of a folder; throws ARCHIVE_UNREADABLE, ARCHIVE_DAMAGED or ARCHIVE_NEWER. */
export async function readManifest(folder: string): Promise<ArchiveManifest> {
  const read = (name: string): Promise<string> =>
    readFile(join(folder, name), 'utf8').catch((cause: unknown) => {
      throw errors.ARCHIVE_UNREADABLE({ path: folder, why: `there is no ${name} to read` }, { cause });
    });
  const [text, seal] = [await read(MANIFEST), await read(SEAL)];
  if (createHash('sha256').update(text).digest('hex') !== seal.trim()) throw errors.ARCHIVE_DAMAGED({ file: MANIFEST, why: `is not what ${SEAL} seals` });
  const manifest = JSON.parse(text) as ArchiveManifest;
  if (typeof manifest.format !== 'number') throw errors.ARCHIVE_UNREADABLE({ path: folder, why: `${MANIFEST} says no format` });
  if (manifest.format > FOLDER_FORMAT) throw errors.ARCHIVE_NEWER({ format: String(manifest.format), known: String(FOLDER_FORMAT) });
  return manifest;
}

/** Reads everything that a manifest names; throws ARCHIVE_DAMAGED where a byte of it is another, or missing. */
export async function checkFiles(folder: string, { services, objects }: ArchiveManifest): Promise<void> {
  const named = [...services.map(({ file, digest }) => ({ file, digest })), ...objects.map(({ digest }) => ({ file: objectFile(digest), digest }))];
  for (const { file, digest } of named) {
    const found = await digestOf(join(folder, file)).catch((cause: unknown) => {
      throw errors.ARCHIVE_DAMAGED({ file, why: 'is missing or cannot be read' }, { cause });
    });
    if (found !== digest) throw errors.ARCHIVE_DAMAGED({ file, why: `has the digest ${found}, not ${digest}` });
  }
}

/** The digest of a file. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return `sha256:${hash.digest('hex')}`;
}
