import { resolve } from 'node:path';
import { compareHome, openArchive, readArchive } from '../archive/read-archive.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';

/** Takes an exported folder into a home, or says whether the home keeps just that. */
export async function importHome(session: Session, { from, verify }: { readonly from: string; readonly verify?: true }): Promise<void> {
  const folder = resolve(from);
  const manifest = await session.slowly('reading the archive', openArchive(folder));
  const taken = verify ? undefined : await readArchive(session, folder, manifest);
  const differences = await compareHome(session, manifest);
  if (differences.length > 0) throw errors.HOME_DIFFERS({ differences: differences.join('; ') });
  if (!taken) return session.answer(() => ({ folder, equal: true }), () => `This home keeps just what ${folder} holds.\n`);
  const rows = taken.services.reduce((sum, service) => sum + service.rows, 0);
  session.answer(() => ({ folder, rows, ...taken }), () => `${rows} rows of ${taken.services.length} services and ${taken.objects.count} objects are here, and are what was exported.\n`);
}
