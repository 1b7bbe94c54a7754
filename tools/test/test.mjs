import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { closingLine, noTally } from './tally.mjs';
import { run, runVitest } from './vitest-run.mjs';

/** What `npm test` does after the set-up: every check, then every spec, then the one line that CI reads. With arguments: only the specs that they name. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RELEASED = 'proto/released.binpb';
/** Long enough for a machine that others use as well: what hangs is to be ended, not what is slow. */
const CHECK_MS = 300_000;
const SPECS_MS = 900_000;

process.chdir(ROOT);
// The step at work hears the signal too; the steps after it must not start.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => setTimeout(() => process.exit(1), 1_000));
const filters = process.argv.slice(2);
const brokenStep = process.env['MILLRACE_SETUP_FAILED'];
const total = noTally();

if (brokenStep !== undefined && brokenStep !== 'build') {
  count('set-up', 'failed', 0);
} else {
  if (filters.length === 0) await runChecks();
  if (brokenStep === 'build') count('typecheck (what tsc -b says stands above)', 'failed', 0);
  else await runSpecs();
}
process.exitCode = total.failed === 0 ? 0 : 1;
process.stdout.write(`${closingLine(total)}\n`);

async function runChecks() {
  await check('lint', process.execPath, ['tools/test/lint.mjs']);
  await check('buf lint', 'node_modules/.bin/buf', ['lint']);
  if (existsSync(RELEASED)) await check('buf breaking', 'node_modules/.bin/buf', ['breaking', '--against', RELEASED]);
  else heading(`buf breaking: left out, there is no ${RELEASED} yet`);
  // The set-up has built every project, its specs included; that build is the typecheck.
  if (brokenStep === undefined) count('typecheck', 'passed', 0);
  await check('typecheck of the tools', process.execPath, ['node_modules/typescript-native/bin/tsc', '-p', 'tools/test/tsconfig.json']);
  await check('imports of the tools', process.execPath, ['tools/test/imports.mjs']);
}

async function check(name, command, args) {
  const start = performance.now();
  const ok = await run(command, args, { ms: CHECK_MS });
  count(name, ok ? 'passed' : 'failed', performance.now() - start);
}

async function runSpecs() {
  heading('specs');
  const { ok, tally } = await runVitest(ROOT, { filters, ms: SPECS_MS });
  for (const state of Object.keys(total)) total[state] += tally[state];
  // A run that fails without a failed test has broken elsewhere: no spec found, a crash, a thread that never ends.
  if (!ok && tally.failed === 0) count('specs as a whole', 'failed', 0);
}

function count(name, state, ms) {
  total[state]++;
  heading(`${name}: ${state}${ms > 0 ? ` (${(ms / 1000).toFixed(1)} s)` : ''}`);
}

function heading(text) {
  process.stdout.write(`── ${text}\n`);
}
