import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, WORK } from '../bench/flights.mjs';
import { ALL, startServer } from '../bench/home.mjs';
import { runQuietly } from '../setup/child.mjs';
import { knownNames, withNames } from './known-names.mjs';
import { seed as seedHome } from './seed.mjs';

/**
 * `npm run fuzz`: a whole home of its own, in which a small story was told, is asked by schemathesis for everything that its OpenAPI document says, and for much that it does not. Exit code 1 when an answer is a
 * fault of ours (5xx), none comes in time, or one is not as the document has it. schemathesis comes from PyPI into a virtual environment below .millrace/.
 */
const USAGE = 'Usage: npm run fuzz [-- --seconds 240] [--examples 20] [--seed 1]';
/** An answer after this is a hang. */
const ANSWER_SECONDS = 10;
/** They never end by themselves; that streams begin, beat and end is held by event-streams.spec.ts. */
const ENDLESS = ['/v1/alerts:watch', '/v1/endpoints/{endpoint}/traffic:watch'];
/** The same for every call: a deadline that the caller chose too short would be told as a fault of ours. */
const DEADLINE = 'X-Server-Timeout: 60';
const CHECKS = 'not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance';
const DATA = join(WORK, 'homes', 'fuzz');

const { seconds, examples, seed } = options();
const say = (line) => process.stderr.write(`  ${line}\n`);
const st = await install();
await rm(DATA, { recursive: true, force: true });
await mkdir(DATA, { recursive: true });
const home = await startServer(ALL, { data: DATA, env: { MILLRACE_SOURCE_ROOTS: DATA, LOG_LEVEL: 'info' } });
try {
  say('telling a small story');
  await seedHome(home, DATA);
  const document = await (await fetch(`${home.http}/openapi.json`)).json();
  const known = await knownNames(home.http, document);
  const described = join(WORK, 'fuzz-openapi.json');
  await writeFile(described, JSON.stringify(withNames(document, known)));
  say(`asking ${home.http} for ${seconds} s, by the names of ${[...known].map(([parameter, ids]) => `${ids.length} ${parameter}`).join(', ')}`);
  const before = await answeredWell(home.http);
  const report = join(WORK, 'fuzz.json');
  const { code, output } = await runQuietly(st, [
    'run', described, '--url', home.http, '--no-color', '--checks', CHECKS, '--phases', 'examples,coverage,fuzzing,stateful', ...ENDLESS.flatMap((path) => ['--exclude-path', path]), '--header', DEADLINE, '--max-examples', examples, '--max-time', seconds, '--seed', seed,
    '--request-timeout', String(2 * ANSWER_SECONDS), '--max-response-time', String(ANSWER_SECONDS), '--continue-on-failure', '--generation-database', 'none',
    // How fast it makes its examples is a matter of the machine.
    '--suppress-health-check', 'all', '--report', 'json', '--report-json-path', report,
  ], { cwd: WORK });
  const { test_cases: cases, operations } = JSON.parse(await readFile(report, 'utf8'));
  if (code !== 0) process.stdout.write(`${output}\n`);
  const alive = (await fetch(`${home.http}/readyz`)).status;
  const after = await answeredWell(home.http);
  const deep = [...after].filter(([method, calls]) => calls > (before.get(method) ?? 0)).length;
  process.stdout.write(`${cases.generated} requests to ${operations.tested} of ${operations.total} calls, of which ${deep} RPCs did what they were asked for; ${cases.with_failures} wrongly answered, ${cases.errored} without an answer; ready afterwards: ${alive === 200 ? 'yes' : 'no'}\n`);
  process.exitCode = code === 0 && alive === 200 ? 0 : 1;
} finally {
  await home.stop();
  await rm(DATA, { recursive: true, force: true });
}

/** How often each RPC has ended well so far. */
async function answeredWell(http) {
  const text = await (await fetch(`${http}/metrics`)).text();
  const ended = new Map();
  for (const [, labels, calls] of text.matchAll(/^millrace_rpc_server_duration_seconds_count\{([^}]*)\} (\d+)/gm)) {
    const { service, method, code } = Object.fromEntries(Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]));
    if (code === 'OK') ended.set(`${service}/${method}`, (ended.get(`${service}/${method}`) ?? 0) + Number(calls));
  }
  return ended;
}

/** Gives schemathesis, installed unless it is there. */
async function install() {
  const venv = join(WORK, 'fuzz');
  const program = join(venv, 'bin', 'st');
  const list = join(ROOT, 'tools/fuzz/fuzz.txt');
  await mkdir(WORK, { recursive: true });
  const [, wanted] = /^schemathesis==(.+)$/m.exec(await readFile(list, 'utf8')) ?? [];
  const found = await runQuietly(program, ['--version'], {}).catch(() => undefined);
  if (found?.output.includes(wanted)) return program;
  say('installing schemathesis into a virtual environment');
  await done('python3', ['-m', 'venv', venv]);
  await done(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', list]);
  return program;
}

async function done(command, args) {
  const { code, output } = await runQuietly(command, args, {});
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${code}: ${output.slice(-2_000)}`);
}

function options() {
  try {
    return parseArgs({ options: { seconds: { type: 'string', default: '240' }, examples: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } } }).values;
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}
