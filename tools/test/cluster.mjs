import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumProgram } from '../servers/chromium.mjs';
import { guard } from '../servers/guard.mjs';
import { INSTALLABLE, KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';
import { closingLine, noTally, runTallied, sumOf } from './tally.mjs';
import { runVitest } from './vitest-run.mjs';

/** What `npm run test:cluster` does after the set-up: every stage one after the other, then their sum as the line that CI reads. With arguments: only the specs that they name. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SPECS_MS = 1_800_000;
const CONFORMANCE_MS = 600_000;
const CHAOS_MS = 600_000;
/** Specs run two files at a time, and each may be a whole cluster of services with ten connections and more. */
const OPTIONS = { postgres: { maxConnections: 400 } };

/** Each gives a tally. */
const STAGES = [
  { name: 'specs on real servers', run: runSpecs },
  { name: 'conformance of the embedded home', run: () => program('tools/conformance.mjs', ['--home', 'embedded'], CONFORMANCE_MS) },
  { name: 'conformance of the cluster home', run: () => program('tools/conformance.mjs', ['--home', 'cluster'], CONFORMANCE_MS) },
  { name: 'a short chaos', run: () => program('tools/chaos/chaos.mjs', ['--short'], CHAOS_MS) },
];

process.chdir(ROOT);
const told = new AbortController();
// The stage at work hears the signal too, and ends its servers; the stages after it must not start.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => told.abort());
const filters = process.argv.slice(2);
const missing = Object.values(INSTALLABLE).map((kind) => kind.missing()).filter((why) => why !== undefined);
const total = missing.length > 0 ? failed(...missing) : sumOf(await runStages(filters.length > 0 ? STAGES.slice(0, 1) : STAGES));
process.exitCode = total.failed === 0 ? 0 : 1;
process.stdout.write(`${closingLine(total)}\n`);

async function runStages(stages) {
  const tallies = [];
  for (const { name, run } of stages) {
    if (told.signal.aborted) return [...tallies, failed(`${name}: not begun, it was interrupted`)];
    const began = performance.now();
    process.stdout.write(`── ${name}\n`);
    tallies.push(await run().catch((error) => failed(error.message)));
    process.stdout.write(`── ${name}: ${closingLine(tallies.at(-1))} (${seconds(began)} s)\n`);
  }
  return tallies;
}

/** Runs a program that ends in the line that CI reads. */
function program(file, args, ms) {
  return runTallied(file, { command: process.execPath, args: [file, ...args], ms });
}

/** Starts every server once and runs the `.int.spec` files against them. */
async function runSpecs() {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-cluster-'));
  const release = await guard(dir);
  try {
    const { ok, tally } = await runVitest(ROOT, { filters, ms: SPECS_MS, env: await startAll(dir) });
    return !ok && tally.failed === 0 ? sumOf([tally, failed('the specs as a whole failed')]) : tally;
  } finally {
    await release();
  }
}

/** Where the servers listen, as the specs read it: MILLRACE_TEST_KAFKA and so on; specs that kill servers start their own below MILLRACE_TEST_SERVERS, and those of pages start MILLRACE_TEST_CHROMIUM. */
async function startAll(dir) {
  const own = join(dir, 'own');
  mkdirSync(own);
  const began = performance.now();
  const urls = await Promise.all(Object.values(KINDS).map(async (kind) => [`MILLRACE_TEST_${kind.name.toUpperCase()}`, await openServer(kind, { dir, ...OPTIONS[kind.name] }).start()]));
  process.stdout.write(`── servers ready (${seconds(began)} s)\n`);
  return { MILLRACE_SPECS: 'cluster', MILLRACE_TEST_SERVERS: own, MILLRACE_TEST_CHROMIUM: chromiumProgram(), ...Object.fromEntries(urls) };
}

/** Tells what went wrong, and counts it. */
function failed(...faults) {
  for (const fault of faults) process.stdout.write(`── ${fault}\n`);
  return { ...noTally(), failed: faults.length };
}

function seconds(began) {
  return ((performance.now() - began) / 1_000).toFixed(1);
}
