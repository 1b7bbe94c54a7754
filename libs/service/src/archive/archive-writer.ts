import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { canonicalJson } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Store } from '@millrace/store';
import type { ArchiveDeclaration } from './archived-tables.js';
import { ARCHIVE_FORMAT, type EndLine, type HeadLine, type ManifestLine } from './archive-lines.js';
import { RowSum, rowText, type TableSum } from './row-text.js';
import { type AnyDb, readTable } from './table-reader.js';

/** A service whose rows can be moved. */
export interface Archivable {
  readonly service: string;
  readonly store: Store<never>;
  readonly objects: ObjectStore;
  readonly archive: ArchiveDeclaration;
}

/** Jobs that have not ended, as `table id`, a few of each table. */
export async function unfinished({ store, archive }: Archivable): Promise<readonly string[]> {
  const db = store.db as unknown as AnyDb;
  const found = await Promise.all(
    archive.tables.filter(({ jobs }) => jobs).map(async ({ name }) => {
      const rows = await db.selectFrom(name).select('id').where('state', 'in', ['PENDING', 'RUNNING']).orderBy('id').limit(NAMED).execute();
      return rows.map(({ id }) => `${name} ${String(id)}`);
    }),
  );
  return found.flat();
}

/** Jobs that an error names. */
const NAMED = 3;

/** How much every table holds, as of one moment. */
export function sumTables({ store, archive }: Archivable): Promise<Readonly<Record<string, TableSum>>> {
  return store.write(async (tx) => {
    const sums: Record<string, TableSum> = {};
    for (const table of archive.tables) {
      const sum = new RowSum();
      for await (const row of readTable(tx as unknown as AnyDb, table)) sum.add(rowText(table, row));
      sums[table.name] = { rows: sum.rows, digest: sum.digest };
    }
    return sums;
  });
}

/**
 * Writes all that a service keeps to a file of lines: a head, every row, every manifest of objects, an end with the sums.
 * Rows are those of one moment. Manifests are read after them: what a row names is named by a manifest before the row is there.
 */
export async function writeArchive(kept: Archivable, file: string): Promise<void> {
  const { service, store, objects, archive } = kept;
  // Where others share the database the whole is done again when they were in its way.
  const tables = await store.write(async (tx) => {
    const sums: Record<string, TableSum> = {};
    const lines = new Lines(file, 'w');
    await lines.add({ format: ARCHIVE_FORMAT, service } satisfies HeadLine);
    for (const table of archive.tables) {
      const sum = new RowSum();
      for await (const row of readTable(tx as unknown as AnyDb, table)) {
        const text = rowText(table, row);
        sum.add(text);
        await lines.addText(`{"table":${JSON.stringify(table.name)},"row":${text}}`);
      }
      sums[table.name] = { rows: sum.rows, digest: sum.digest };
    }
    await lines.end();
    return sums;
  });
  const lines = new Lines(file, 'a');
  let manifests = 0;
  const names = await Promise.all((archive.manifests ?? []).map((prefix) => objects.listManifests(prefix)));
  for (const name of names.flat()) {
    const manifest = await objects.readManifest(name);
    if (!manifest) continue;
    manifests++;
    await lines.add({ manifest: name, objects: manifest.objects, body: manifest.body } satisfies ManifestLine);
  }
  await lines.add({ end: { tables, manifests } } satisfies EndLine);
  await lines.end();
}

/** Lines of JSON into a file, as fast as the disk takes them. */
class Lines {
  readonly #stream;

  constructor(file: string, flags: 'w' | 'a') {
    this.#stream = createWriteStream(file, { flags, mode: 0o600 });
  }

  add(value: unknown): Promise<void> {
    return this.addText(canonicalJson(value));
  }

  async addText(text: string): Promise<void> {
    if (!this.#stream.write(`${text}\n`)) await once(this.#stream, 'drain');
  }

  async end(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }
}
