import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { runInPlace } from './child.mjs';
import { node24, workspaceEnvironment } from './node24.mjs';
import { ROOT, setUpForPeople } from './setup.mjs';

/** Tells a script that asked for it at which step the set-up failed. */
const FAILED_STEP = 'MILLRACE_SETUP_FAILED';
/** The only script that runs after a failed set-up: it counts it. */
const COUNTS_FAILURES = resolve(ROOT, 'tools/test/test.mjs');

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('Usage: node tools/setup/run.mjs <script> [arguments …]\n');
  process.exit(2);
}
process.exitCode = await run(resolve(ROOT, script), args);

async function run(path, args) {
  if (!existsSync(path)) {
    process.stderr.write(`There is no ${path}.\n`);
    return 2;
  }
  const failure = await setUpForPeople();
  if (failure && path !== COUNTS_FAILURES) return 1;
  const node = node24(ROOT) ?? process.execPath;
  const env = { ...workspaceEnvironment(ROOT, node), ...(failure ? { [FAILED_STEP]: failure.step } : {}) };
  const { code } = await runInPlace(node, [path, ...args], { env });
  return code;
}
