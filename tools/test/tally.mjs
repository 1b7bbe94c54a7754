import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const CLOSING = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** Nothing counted yet. */
export const noTally = () => ({ passed: 0, failed: 0, skipped: 0 });

/** The sum of tallies. */
export const sumOf = (tallies) => tallies.reduce((sum, { passed, failed, skipped }) => ({ passed: sum.passed + passed, failed: sum.failed + failed, skipped: sum.skipped + skipped }), noTally());

/** The one line that CI reads. */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * Runs a program that ends in the closing line, shows what it prints, and gives what that line says, and how long it took. A program that fails
 * without a failure in that line, says no such line, or is at work after `ms` and is ended, counts as one failure more.
 */
export async function runTallied(name, { command, args, ms, env = {}, print = (line) => process.stdout.write(`${line}\n`) }) {
  const began = performance.now();
  let tally;
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['inherit', 'pipe', 'inherit'], timeout: ms, killSignal: 'SIGTERM' });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, forward);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, passed, failed, skipped] = CLOSING.exec(line) ?? [];
    if (passed === undefined) print(line);
    else tally = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
  });
  const end = await new Promise((resolve) => child.once('error', ({ message }) => resolve(message)).once('close', (code, signal) => resolve(signal ?? code)));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.off(signal, forward);
  const broke = tally === undefined || (end !== 0 && tally.failed === 0);
  if (broke) print(`── ${name} broke: it ended with ${end}${tally === undefined ? ' and did not say how many passed' : ''}`);
  const counted = { ...noTally(), ...tally };
  const total = broke ? { ...counted, failed: counted.failed + 1 } : counted;
  print(`── ${name}: ${closingLine(total)} (${((performance.now() - began) / 1_000).toFixed(0)} s)`);
  return total;
}
