import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { type ArchivedService, type ArchiveManifest, checkFiles, objectFile, readManifest } from './archive-manifest.js';
import { archiveOf, ARCHIVED, differences, rowsOf, tablesOf } from './archived-home.js';

const PIECE_BYTES = 256 * 1024;
/** Digests of one question. */
const DIGESTS = 500;

/** What became of one service. */
export interface TakenService {
  readonly service: string;
  readonly rows: number;
  /** False when the home kept just this already. */
  readonly imported: boolean;
}

/** What became of an import. */
export interface Taken {
  readonly services: readonly TakenService[];
  readonly objects: { readonly count: number; readonly written: number };
}

/** An archive whose every byte is what it was. */
export async function openArchive(folder: string): Promise<ArchiveManifest> {
  const manifest = await readManifest(folder);
  const [found, wanted] = [manifest.services.map(({ service }) => service).sort(), ARCHIVED.map(({ service }) => service).sort()];
  if (found.join() !== wanted.join()) throw errors.ARCHIVE_SERVICES({ found: found.join(', ') || 'none', wanted: wanted.join(', ') });
  await checkFiles(folder, manifest);
  return manifest;
}

/** What this home keeps that the archive does not, or the other way round, in words. */
export async function compareHome(session: Session, { services }: ArchiveManifest): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { service, at } of ARCHIVED) found.push(...differences(service, sectionOf(services, service).tables, tablesOf(await (await archiveOf(session, at)).getContents({ service }, session.call))));
  return found;
}

/** Takes an archive into a home: refuses before anything is written where a service keeps something else; what was taken before is not taken again. */
export async function readArchive(session: Session, folder: string, manifest: ArchiveManifest): Promise<Taken> {
  await refuseConflicts(session, manifest);
  const written = await writeMissing(session, folder, manifest);
  const services: TakenService[] = [];
  for (const { service, at } of ARCHIVED) {
    const { digest, file, tables } = sectionOf(manifest.services, service);
    const archive = await archiveOf(session, at);
    const { imported } = await archive.importService(piecesOf(join(folder, file), { service, digest }), session.call);
    services.push({ service, rows: rowsOf(tables), imported });
    session.remark(`${service}: ${rowsOf(tables)} rows${imported ? '' : ', which were there'}`);
  }
  return { services, objects: { count: manifest.objects.length, written } };
}

function sectionOf(services: readonly ArchivedService[], service: string): ArchivedService {
  const found = services.find((each) => each.service === service);
  if (!found) throw errors.ARCHIVE_SERVICES({ found: 'less', wanted: service });
  return found;
}

async function refuseConflicts(session: Session, { services }: ArchiveManifest): Promise<void> {
  const conflicts: string[] = [];
  for (const { service, at } of ARCHIVED) {
    const tables = tablesOf(await (await archiveOf(session, at)).getContents({ service }, session.call));
    if (differences(service, sectionOf(services, service).tables, tables).length > 0 && rowsOf(tables) > 0) conflicts.push(...Object.entries(tables).flatMap(([table, { rows }]) => (rows > 0 ? [`${service}.${table}: ${rows} rows`] : [])));
  }
  if (conflicts.length > 0) throw errors.HOME_NOT_EMPTY({ conflicts: conflicts.join(', ') });
}

async function writeMissing(session: Session, folder: string, { objects }: ArchiveManifest): Promise<number> {
  const archive = await archiveOf(session, ARCHIVED[0].at);
  let written = 0;
  for (let start = 0; start < objects.length; start += DIGESTS) {
    const { missing } = await archive.findMissingObjects({ digests: objects.slice(start, start + DIGESTS).map(({ digest }) => digest) }, session.call);
    for (const digest of missing) {
      await archive.writeObject(piecesOf(join(folder, objectFile(digest)), { digest }), session.call);
      written++;
    }
  }
  session.remark(`objects: ${objects.length}, of which ${written} were not there`);
  return written;
}

/** What is announced first, then the file in pieces. */
async function* piecesOf<First extends object>(path: string, first: First): AsyncGenerator<First | { readonly data: Buffer }> {
  yield first;
  for await (const data of createReadStream(path, { highWaterMark: PIECE_BYTES })) yield { data: data as Buffer };
}
