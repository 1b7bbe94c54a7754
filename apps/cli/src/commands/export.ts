import { resolve } from 'node:path';
import { rowsOf } from '../archive/archived-home.js';
import { writeArchive } from '../archive/write-archive.js';
import type { Session } from '../session.js';

/** Writes everything that a home keeps to a folder. */
export async function exportHome(session: Session, { to }: { readonly to: string }): Promise<void> {
  const folder = resolve(to);
  const { services, objects } = await writeArchive(session, folder);
  const rows = services.reduce((sum, { tables }) => sum + rowsOf(tables), 0);
  const summary = { folder, rows, services: services.map(({ service, tables }) => ({ service, rows: rowsOf(tables), tables })), objects: { count: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) } };
  session.answer(() => summary, () => `${rows} rows of ${services.length} services and ${objects.length} objects are in ${folder}.\nNext, at another home: millrace import --from ${to}\n`);
}
