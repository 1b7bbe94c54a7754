import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from '../setup/child.mjs';
import { closingLine, runTallied, sumOf } from './tally.mjs';

/**
 * Everything that must hold before a change lands. The servers are installed while the specs that need none run, with what these leave of the machine; a server
 * that could not be installed fails the second half, which asks for all of them. What failed is said once more at the end, where a long log is read first.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL_MS = 900_000;
const TEST_MS = 1_500_000;
const CLUSTER_MS = 1_800_000;

process.chdir(ROOT);
const kept = mkdtempSync(join(tmpdir(), 'millrace-ci-'));
const failures = join(kept, 'failures.txt');
writeFileSync(failures, '');
const env = { MILLRACE_FAILURES_FILE: failures };
const installing = runQuietly('nice', ['-n', '19', process.execPath, 'tools/servers/install.mjs'], { timeout: INSTALL_MS }).catch(({ message }) => ({ code: 1, output: `[servers] ${message}\n` }));
const tallies = [await runTallied('npm test', { command: 'npm', args: ['--silent', 'test'], ms: TEST_MS, env })];
process.stdout.write((await installing).output);
tallies.push(await runTallied('npm run test:cluster', { command: 'npm', args: ['--silent', 'run', 'test:cluster'], ms: CLUSTER_MS, env }));
const total = sumOf(tallies);
process.exitCode = total.failed === 0 ? 0 : 1;
const said = readFileSync(failures, 'utf8');
rmSync(kept, { recursive: true });
if (said !== '') process.stdout.write(`── specs that failed\n${said}`);
process.stdout.write(`${closingLine(total)}\n`);
