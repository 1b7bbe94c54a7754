import { readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100;

/** The middle value; of an even number of them the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that a share of all values lies at or below. */
export const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)];

/**
 * Runs contenders in turns, A B A B …, after one round that is not counted, so that what slows the machine slows each alike.
 * A contender gives one figure, or an object of figures; the medians come back under its name.
 */
export async function inTurns(contenders, { runs, warmUps = 1, say = () => undefined }) {
  const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = -warmUps; run < runs; run++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const figure = await contender();
      if (run >= 0) seen[name].push(figure);
      say(`${run < 0 ? 'warm-up' : `run ${run + 1} of ${runs}`}: ${name} ${inWords(figure)}`);
    }
  }
  return Object.fromEntries(Object.entries(seen).map(([name, figures]) => [name, medianOf(figures)]));
}

function medianOf(figures) {
  if (typeof figures[0] === 'number') return median(figures);
  return Object.fromEntries(Object.keys(figures[0]).map((key) => [key, median(figures.map((figure) => figure[key]))]));
}

const inWords = (figure) => (typeof figure === 'number' ? figure.toPrecision(4) : Object.entries(figure).map(([key, value]) => `${key} ${value.toPrecision(4)}`).join(', '));

/** Seconds that a piece of work takes, and the CPU seconds of the processes that it started and that have ended. */
export async function timed(work) {
  const [began, cpu] = [performance.now(), childrenCpu()];
  await work();
  return { seconds: (performance.now() - began) / 1_000, cpu: childrenCpu() - cpu };
}

/** CPU seconds, user and system, that a living process has taken so far with all its threads. */
export function cpuOf(pid) {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function childrenCpu() {
  const fields = statOf('self');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
}

/** What stands after the name in /proc/PID/stat: the name may hold spaces and brackets. */
export function statOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Resident memory of a process now, or at its most, in MB. */
export function memoryOf(pid, field = 'VmRSS') {
  const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) / 1024;
}
