import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run demo`: what `millrace demo` does, after the set-up; `-- --home cluster` starts the servers as well, and ends them with it. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = resolve(ROOT, 'apps/cli/dist/main.js');
const args = process.argv.slice(2);
const cluster = args.join(' ').match(/--home[ =]cluster/) !== null;

process.exitCode = cluster ? await onServers() : await tell({});

async function onServers() {
  const { withServers } = await import('./cluster/with-servers.mjs');
  const dir = mkdtempSync(join(tmpdir(), 'millrace-servers-'));
  try {
    process.stderr.write('[servers] starting Kafka, PostgreSQL and S3 …\n');
    return await withServers(dir, tell);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function tell(env) {
  const { runInPlace } = await import('./setup/child.mjs');
  const { code } = await runInPlace(process.execPath, [CLI, 'demo', ...args], { env: { ...process.env, ...env } });
  return code;
}
