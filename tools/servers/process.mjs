import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
const REAPED_MS = 10_000;

/** Starts a program that outlives this one, with its output in `log`; gives what tells the process from any later one of the same number. */
export async function launch({ command, args, cwd = '/', env = {} }, log) {
  const out = openSync(log, 'a');
  try {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', out, out] });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return { pid: child.pid, birth: birthOf(child.pid) ?? '' };
  } finally {
    closeSync(out);
  }
}

/** Whether the very process still runs; one that only waits to be reaped does not. */
export const isAlive = ({ pid, birth }) => birthOf(pid) === birth;

/** Asks the process to end, waits for so long, and ends it by force. */
export async function end(it, { signal = 'SIGTERM', graceMs = 20_000 } = {}) {
  if (isAlive(it)) process.kill(it.pid, signal);
  for (const until = Date.now() + graceMs; isAlive(it) && Date.now() < until; ) await sleep(POLL_MS);
  await killNow(it);
}

/** Kills the process and waits until it is gone: a dead one that nobody has reaped yet still holds its lock files. */
export async function killNow(it) {
  if (isAlive(it)) process.kill(it.pid, 'SIGKILL');
  for (const until = Date.now() + REAPED_MS; isThere(it) && Date.now() < until; ) await sleep(POLL_MS);
}

const isThere = ({ pid, birth }) => statOf(pid)?.birth === birth;

function birthOf(pid) {
  const stat = statOf(pid);
  return stat === undefined || 'ZX'.includes(stat.state) ? undefined : stat.birth;
}

/** State and start time by /proc; where there is none, a process that can be asked for is taken for the same one. */
function statOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return { state: fields[0], birth: fields[19] };
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return { state: 'R', birth: 'unknown' };
  } catch {
    return undefined;
  }
}
