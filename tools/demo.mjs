import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInPlace } from './setup/child.mjs';

/** `npm run demo`: what `millrace demo` does, after the set-up; `-- --home cluster` starts a cluster for the story, and ends it with it. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = resolve(ROOT, 'apps/cli/dist/main.js');
const args = process.argv.slice(2);
const cluster = args.join(' ').match(/--home[ =]cluster/) !== null;

process.exitCode = cluster ? await onCluster() : await tell({});

async function onCluster() {
  const { withCluster } = await import('./cluster/with-cluster.mjs');
  const home = join(process.env['MILLRACE_DATA_DIR'] ?? join(ROOT, '.millrace'), 'demo');
  try {
    return await withCluster({ roots: [ROOT], logs: join(home, 'logs'), onStage: (what) => process.stderr.write(`[cluster] starting ${what} …\n`) }, ({ variables }) => tell(variables()));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function tell(env) {
  const { code } = await runInPlace(process.execPath, [CLI, 'demo', ...args], { env: { ...process.env, ...env } });
  return code;
}
