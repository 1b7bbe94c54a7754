import { readdirSync } from 'node:fs';
import { memoryOf, statOf } from './in-turns.mjs';

const EVERY_MS = 50;

/** Runs a piece of work and gives, beside what it gives, the most memory in MB that one of the processes it started held: jobs run one after another. */
export async function withPeak(work) {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, ...children().map(highest))), EVERY_MS);
  try {
    const value = await work();
    return { value, peak };
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
