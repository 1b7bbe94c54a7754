import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';

/** Starts servers of a benchmark alone, hands `work` where each is, and ends them with it; throws, with the command that installs it, where one is missing. */
export async function withOwnServers(names, work) {
  const missing = names.map((name) => KINDS[name].missing()).filter((why) => why !== undefined);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const release = await guard(dir);
  try {
    return await work(Object.fromEntries(await Promise.all(names.map(async (name) => [name, await openServer(KINDS[name], { dir }).start()]))));
  } finally {
    await release();
  }
}
