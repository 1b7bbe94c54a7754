import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from '../setup/child.mjs';

/**
 * Sees that every import and name of the `.mjs` files means something that exists: nothing compiles them, and a spec that needs servers runs in CI alone.
 * The compiler reads them as JavaScript; what it thinks of their types does not count.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = 'node_modules/typescript-native/bin/tsc';
const FIXTURE = 'tools/test/fixtures/imports-nothing.mjs';
const PLANTED = 9;
/** Its exit code when it has found something, as it must in the fixture. */
const FOUND = [1, 2];
/** No default export (1192, 2613), no such export (2305, 2614, 2724), not exported (2459, 2460), no such module (2306, 2307, 2834, 2835), no such name (2304, 2552, 18004). */
const COUNTED = new Set(['1192', '2304', '2305', '2306', '2307', '2459', '2460', '2552', '2613', '2614', '2724', '2834', '2835', '18004']);
/** What is wrong, and in which file. */
const FAULT = /^(?:(?<file>.+?)\(\d+,\d+\): )?error TS(?<code>\d+): /;
/** A file that was read. */
const READ = /^\/.*\.mjs$/;

process.chdir(ROOT);
const { code, output } = await runQuietly(process.execPath, [TSC, '-p', 'tools/test/tsconfig.imports.json', '--noEmit', '--pretty', 'false', '--listFiles']);
const lines = output.split('\n');
const faults = lines.filter((line) => counts(FAULT.exec(line)?.groups));
const planted = faults.filter((line) => line.startsWith(`${FIXTURE}(`));
const found = faults.filter((line) => !planted.includes(line));
const read = lines.filter((line) => READ.test(line) && !relative(ROOT, line).startsWith('node_modules'));

for (const line of found) process.stdout.write(`${line}\n`);
process.stdout.write(`${planted.length} faults reported as they must be; ${read.length} files, ${found.length} imports and names of nothing\n`);
if (planted.length !== PLANTED) process.stdout.write(`${PLANTED} faults are planted in ${FIXTURE}, these were reported:\n${planted.join('\n')}\n`);
if (!FOUND.includes(code)) process.stdout.write(`${TSC} ended with ${code}:\n${output}\n`);
process.exitCode = planted.length === PLANTED && FOUND.includes(code) && found.length === 0 ? 0 : 1;

/** What is wrong with the configuration, or stands in no file, counts whatever it is. */
function counts(fault) {
  return fault !== undefined && (fault.file === undefined || fault.file.endsWith('.json') || COUNTED.has(fault.code));
}
