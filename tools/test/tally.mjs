import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'];
const GRACE_MS = 20_000;
const CLOSING = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** Nothing counted yet. */
export const noTally = () => ({ passed: 0, failed: 0, skipped: 0 });

/** The sum of tallies. */
export const sumOf = (tallies) => tallies.reduce((sum, { passed, failed, skipped }) => ({ passed: sum.passed + passed, failed: sum.failed + failed, skipped: sum.skipped + skipped }), noTally());

/** The one line that CI reads. */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * Runs a program that ends in the closing line, shows what it prints, and gives what that line says. A program that fails without a failure
 * in that line, says no such line, or is at work after `ms`, counts as one failure more. What ends this process, or the time, ends all that the program has begun.
 */
export async function runTallied(name, { command, args, ms, env = {}, print = (line) => process.stdout.write(`${line}\n`) }) {
  const began = performance.now();
  let tally;
  // A group of its own: npm does not hand a signal on to what it runs.
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const end = endsWithUs(child, ms);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, passed, failed, skipped] = CLOSING.exec(line) ?? [];
    if (passed === undefined) print(line);
    else tally = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
  });
  const how = await end;
  const broke = tally === undefined || (how !== 0 && tally.failed === 0);
  if (broke) print(`── ${name} broke: it ended with ${how}${tally === undefined ? ' and did not say how many passed' : ''}`);
  const counted = { ...noTally(), ...tally };
  const total = broke ? { ...counted, failed: counted.failed + 1 } : counted;
  print(`── ${name}: ${closingLine(total)} (${((performance.now() - began) / 1_000).toFixed(0)} s)`);
  return total;
}

/** How a program ends: by its code, a signal, or why it could not be started. */
async function endsWithUs(child, ms) {
  const signalAll = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  const timers = [setTimeout(() => signalAll('SIGTERM'), ms), setTimeout(() => signalAll('SIGKILL'), ms + GRACE_MS)];
  SIGNALS.forEach((signal) => process.on(signal, signalAll));
  try {
    return await new Promise((resolve) => child.once('error', ({ message }) => resolve(message)).once('close', (code, signal) => resolve(signal ?? code)));
  } finally {
    timers.forEach(clearTimeout);
    SIGNALS.forEach((signal) => process.off(signal, signalAll));
  }
}
