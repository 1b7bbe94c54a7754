import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Archive } from '../home/home.js';
import { ended } from '../world/dirty.js';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

const digestOf = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const lines = (...values: readonly object[]): Buffer => Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
const HEAD = { format: 1, service: 'registry' };
const NOTHING = `sha256-sum:${'0'.repeat(64)}`;

/** All that a service keeps, as it is exported. */
async function exported(archive: Archive, service: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const { data } of archive.exportService({ service })) pieces.push(data);
  return Buffer.concat(pieces);
}

const imported = (archive: Archive, service: string, data: Buffer, digest = digestOf(data)) => archive.importService([{ service, digest }, { data: data.subarray(0, 100) }, { data: data.subarray(100) }]);

/** What moves a service to another home. */
export const archiveCases = cases({
  'a service is exported as of one moment, and says what it holds': async ({ archive }, world) => {
    await world.model();
    const contents = await archive.getContents({ service: 'registry' });
    expect(contents.tables.map(({ table }) => table)).toEqual(['alias', 'experiment', 'metric_point', 'model', 'model_version', 'run', 'run_column', 'run_log', 'run_value']);
    const text = (await exported(archive, 'registry')).toString('utf8').trimEnd().split('\n');
    expect(JSON.parse(text[0] ?? '')).toEqual(HEAD);
    const { end } = JSON.parse(text.at(-1) ?? '') as { readonly end: { readonly tables: object } };
    expect(end.tables).toEqual(Object.fromEntries(contents.tables.map(({ table, rows, digest }) => [table, { rows: Number(rows), digest }])));
  },
  'what a service keeps already is not imported again, and another thing never over it': async ({ archive }, world) => {
    await world.model();
    const { imported: again } = await imported(archive, 'registry', await exported(archive, 'registry'));
    expect(again).toBe(false);
    const { tables } = await archive.getContents({ service: 'registry' });
    const empty = lines(HEAD, { end: { tables: Object.fromEntries(tables.map(({ table }) => [table, { rows: 0, digest: NOTHING }])), manifests: 0 } });
    expect(await refusalOf(imported(archive, 'registry', empty))).toMatchObject({ code: 'FAILED_PRECONDITION', domain: 'service.millrace', reason: 'ARCHIVE_NOT_EMPTY', metadata: { service: 'registry' } });
  },
  'an archive that is wrong is refused, and the place is named': async ({ archive }) => {
    const whole = await exported(archive, 'registry');
    const wrong: readonly (readonly [string, Buffer, string?])[] = [
      ['its digest', whole, digestOf(Buffer.from('other'))],
      ['its digest', whole, ''],
      ['its end', whole.subarray(0, whole.lastIndexOf('{"end"'))],
      ['line 1', lines({ ...HEAD, service: 'trainer' })],
      ['line 1', Buffer.from('nonsense\n')],
      ['line 2', lines(HEAD, { table: 'nobody', row: {} })],
      ['line 2', lines(HEAD, { table: 'run_log', row: { run: 'r' } })],
      ['line 2', lines(HEAD, { manifest: 'trainer/stolen', objects: [], body: {} })],
      ['its end', lines(HEAD, { end: { tables: {}, manifests: 0 } })],
    ];
    for (const [place, data, digest] of wrong) expect(await refusalOf(imported(archive, 'registry', data, digest))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'ARCHIVE_INVALID', metadata: { service: 'registry', place } });
    expect(await refusalOf(imported(archive, 'registry', lines({ ...HEAD, format: 99 })))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ARCHIVE_NEWER', metadata: { format: '99' } });
  },
  'a service that nobody keeps is named': async ({ archive }) => {
    for (const call of [() => archive.getContents({ service: 'bakery' }), () => exported(archive, 'bakery'), () => imported(archive, 'bakery', lines(HEAD))]) expect(await refusalOf(call())).toMatchObject({ code: 'NOT_FOUND', reason: 'ARCHIVE_SERVICE_UNKNOWN', metadata: { service: 'bakery' } });
  },
  'nothing is exported while a run goes on': async (home) => {
    const path = await home.source('busy.csv', `a\n${Array.from({ length: 200_000 }, (_, i) => `${i}\n`).join('')}`);
    const { name } = await home.ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/busy', source: { path } } });
    expect(await refusalOf(exported(home.archiveOf('ingestion'), 'ingestion'))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ARCHIVE_BUSY', metadata: { what: expect.stringContaining(name.replace('ingestionRuns/', 'ingestion_run ')) } });
    await home.ingestion.cancelIngestionRun({ name });
    await ended(home.ingestion.watchIngestionRun({ name }));
  },
  'objects go piece by piece, and are what they are called': async ({ archive, objects }) => {
    const data = Buffer.from('an object that nobody has\n'.repeat(40_000));
    const digest = digestOf(data);
    expect(await archive.findMissingObjects({ digests: [digest] })).toEqual({ missing: [digest] });
    expect(await refusalOf(archive.writeObject([{ digest: digestOf(Buffer.from('other')) }, { data }]))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'ARCHIVE_OBJECT_DIFFERS' });
    expect(await archive.writeObject([{ digest }, { data: data.subarray(0, 1_000) }, { data: data.subarray(1_000) }])).toEqual({ sizeBytes: BigInt(data.length) });
    expect(await archive.findMissingObjects({ digests: [digest] })).toEqual({ missing: [] });
    const pieces: Uint8Array[] = [];
    for await (const { data: piece } of archive.readObject({ digest })) pieces.push(piece);
    expect([pieces.length > 1, digestOf(Buffer.concat(pieces)), await objects.has(digest)]).toEqual([true, digest, true]);
    expect(await refusalOf(archive.findMissingObjects({ digests: Array.from({ length: 1_001 }, () => digest) }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'ARCHIVE_TOO_MANY_DIGESTS' });
    expect(await refusalOf(archive.findMissingObjects({ digests: ['nonsense'] }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_DIGEST' });
  },
});
