import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './flights.mjs';
import { inTurns } from './in-turns.mjs';

export const title = 'millrace --help: until all is said';

const STARTS = 10;

/** The command line as a shell starts it, against a Node that does nothing; the least disturbed of some starts counts for each turn. */
export async function run({ runs, say }) {
  const found = await inTurns({ ours: () => least([join(ROOT, 'apps/cli/dist/main.js'), '--help']), base: () => least(['-e', '0']) }, { runs, say });
  return [{ id: 'cli-help', unit: 'ms', ours: found.ours.ms, base: found.base.ms, aim: { atMost: 150 }, note: `the least of ${STARTS} starts` }];
}

async function least(args) {
  const times = [];
  for (let i = 0; i < STARTS; i++) {
    const began = performance.now();
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
    if (code !== 0) throw new Error(`${args.join(' ')} ended with code ${code}.`);
    times.push(performance.now() - began);
  }
  return { ms: Math.min(...times) };
}
