import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openJobRunner } from '@millrace/jobs';
import { ROOT, WORK } from './flights.mjs';

const MEMORY_MB = 4096;
/** Jobs of the product step back before servers; what they are compared with does too. */
const NICE = 5;

/** Runs a job of the product as its service does: in a process of its own, with its argument and result in files. */
export async function runProductJob(entry, argument) {
  const runner = await openJobRunner({ dir: join(WORK, 'jobs') });
  const id = randomUUID();
  try {
    const job = await runner.start({ id, entry: pathToFileURL(join(ROOT, entry)), argument, memoryMb: MEMORY_MB });
    const value = await job.result;
    await runner.forget(id);
    return value;
  } finally {
    await runner.close();
  }
}

/** Runs a script in the place of a job. */
export const runBaseJob = (script, argument) => runScript(script, argument, NICE);

/** Runs a script that stands for the other side in a process of its own, and gives what it prints as JSON. */
export async function runScript(script, argument, nice = 0) {
  const child = spawn(process.execPath, [join(ROOT, 'tools/bench', script), JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (nice > 0 && child.pid !== undefined) setPriority(child.pid, nice);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${script} ended with code ${code}.`);
  return JSON.parse(output);
}
