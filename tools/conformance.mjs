import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { declaredErrors } from './docs/error-tables.mjs';
import { runVitest } from './test/vitest-run.mjs';

/** `npm run conformance -- --home embedded|cluster [--only FILTER] [--json FILE]`: every case against one home, then the one line that CI reads. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOMES = ['embedded', 'cluster'];
const LONGEST_MS = 600_000;
/** The command line calls services; what it says by itself is its own specs' business. */
const CALLERS = 'cli.millrace';

process.chdir(ROOT);
process.exitCode = await main();

async function main() {
  const options = readOptions();
  if (!options) return 2;
  const dir = mkdtempSync(join(tmpdir(), 'millrace-conformance-'));
  try {
    const tally = options.home === 'cluster' ? await onCluster(dir, options) : await runCases(dir, options, {});
    process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
    return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: { home: { type: 'string', default: 'embedded' }, only: { type: 'string', default: '' }, json: { type: 'string' } } });
    if (!HOMES.includes(values.home)) throw new Error(`There is no home "${values.home}"; there are ${HOMES.join(', ')}.`);
    return values;
  } catch (error) {
    process.stderr.write(`${error.message}\nUsage: npm run conformance -- --home ${HOMES.join('|')} [--only FILTER] [--json FILE]\n`);
    return undefined;
  }
}

async function onCluster(dir, options) {
  const { withCluster } = await import('./cluster/with-cluster.mjs');
  try {
    return await withCluster({ roots: [dir] }, ({ variables }) => runCases(dir, options, variables()));
  } catch (error) {
    process.stdout.write(`── ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function runCases(dir, { home, only, json }, env) {
  const errors = join(dir, 'errors.json');
  mkdirSync(dir, { recursive: true });
  writeFileSync(errors, JSON.stringify(declaredErrors().filter(({ raised, domain }) => raised && domain !== CALLERS).map(({ domain, reason }) => ({ domain, reason }))));
  const filters = ['apps/conformance/src/conformance.run.ts', ...(only === '' ? [] : ['--testNamePattern', only])];
  const settings = { MILLRACE_SPECS: 'conformance', MILLRACE_CONFORMANCE_HOME: home, MILLRACE_CONFORMANCE_ONLY: only, MILLRACE_CONFORMANCE_ERRORS: errors, MILLRACE_CONFORMANCE_DIRECTORY: dir, ...(json === undefined ? {} : { MILLRACE_SPECS_JSON: json }) };
  const { ok, tally } = await runVitest(ROOT, { filters, ms: LONGEST_MS, env: { ...settings, ...env } });
  return !ok && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}
