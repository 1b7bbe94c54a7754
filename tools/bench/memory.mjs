import { readdirSync } from 'node:fs';
import { memoryOf, statOf, timed } from './in-turns.mjs';

const EVERY_MS = 50;

/** Seconds and CPU seconds of a piece of work, and the most memory in MB that one of the processes it started held: jobs run one after another. */
export async function measured(work) {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, ...children().map(highest))), EVERY_MS);
  try {
    return { ...(await timed(work)), peak };
  } finally {
    clearInterval(timer);
  }
}

const children = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => parentOf(pid) === process.pid);

function parentOf(pid) {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return undefined;
  }
}

/** A process that has just ended says nothing more. */
function highest(pid) {
  try {
    return memoryOf(pid, 'VmHWM');
  } catch {
    return 0;
  }
}
