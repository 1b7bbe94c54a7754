import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processes of jobs that work below a directory: their command line names it. */
export function processesOf(directory) {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const args = argumentsOf(name);
    return args.some((arg) => arg.startsWith(`${directory}/`)) ? [{ pid: Number(name), what: args.slice(-3).join(' ') }] : [];
  });
}

/** Ends what is left below a directory, process by process; gives when all are gone. */
export async function endProcessesOf(directory) {
  for (let left = processesOf(directory), tries = 0; left.length > 0 && tries < 100; left = processesOf(directory), tries++) {
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    await sleep(20);
  }
}

function argumentsOf(pid) {
  try {
    const [state] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return state === 'Z' ? [] : readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
