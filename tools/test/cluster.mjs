import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';
import { runVitest } from './vitest-run.mjs';

/** What `npm run test:cluster` does after the set-up: starts every server once, runs the `.int.spec` files against them, and ends in the line that CI reads. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SPECS_MS = 1_800_000;

process.chdir(ROOT);
const total = { passed: 0, failed: 0, skipped: 0 };
const missing = Object.values(KINDS).map((kind) => kind.missing()).filter((why) => why !== undefined);
if (missing.length > 0) missing.forEach((why) => fail(why));
else await runOnServers(mkdtempSync(join(tmpdir(), 'millrace-cluster-')));
process.exitCode = total.failed === 0 ? 0 : 1;
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);

async function runOnServers(dir) {
  const release = await guard(dir);
  try {
    const env = await startAll(dir);
    const { ok, tally } = await runVitest(ROOT, { filters: process.argv.slice(2), ms: SPECS_MS, env });
    for (const state of Object.keys(total)) total[state] += tally[state];
    if (!ok && tally.failed === 0) fail('the specs as a whole failed');
  } catch (error) {
    fail(error.message);
  } finally {
    await release();
  }
}

/** Where the servers listen, as the specs read it: MILLRACE_TEST_KAFKA and so on; specs that kill servers start their own below MILLRACE_TEST_SERVERS. */
async function startAll(dir) {
  const own = join(dir, 'own');
  mkdirSync(own);
  const start = performance.now();
  const urls = await Promise.all(Object.values(KINDS).map(async (kind) => [`MILLRACE_TEST_${kind.name.toUpperCase()}`, await openServer(kind, { dir }).start()]));
  process.stdout.write(`── servers ready (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
  return { MILLRACE_SPECS: 'cluster', MILLRACE_TEST_SERVERS: own, ...Object.fromEntries(urls) };
}

function fail(why) {
  total.failed++;
  process.stdout.write(`── ${why}\n`);
}
