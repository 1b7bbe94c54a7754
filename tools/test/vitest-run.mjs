import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runInPlace } from '../setup/child.mjs';

/** Runs the specs whose paths match, and gives how many passed, failed and were skipped; `ok` is false also when the run itself broke. */
export async function runVitest(root, { filters, ms, env = {} }) {
  const file = join(root, '.millrace', `tally.${process.pid}.json`);
  mkdirSync(join(root, '.millrace'), { recursive: true });
  const ok = await run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...filters], { ms, env: { MILLRACE_TALLY_FILE: file, ...env } });
  return { ok, tally: readTally(file) };
}

/** Runs a program in this terminal; false when it fails, or is still at work after `ms` and is ended. */
export async function run(command, args, { ms, env = {} }) {
  const { code, signal } = await runInPlace(command, args, { env: { ...process.env, ...env }, timeout: ms, killSignal: 'SIGKILL' }).catch((error) => ({ code: error.message }));
  if (signal || typeof code === 'string') process.stdout.write(`${command} ${args[0]}: ended by ${signal ?? code} (it may work for ${ms / 1000} s)\n`);
  return code === 0;
}

function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  } finally {
    rmSync(file, { force: true });
  }
}
