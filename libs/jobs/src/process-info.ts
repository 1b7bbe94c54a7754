import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Tells one process from a later one with the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** Boot and start time; empty where the system does not tell. */
  readonly born: string;
}

const PAGE_BYTES = 4096;

/** The mark of a living process, or undefined. A zombie counts as dead. */
export function markOf(pid: number): ProcessMark | undefined {
  if (process.platform === 'linux') {
    const fields = statFields(pid);
    return fields === undefined || fields[0] === 'Z' ? undefined : { pid, born: `${bootId()}:${fields[19]}` };
  }
  const started = ps(pid, 'lstart');
  return started === undefined ? undefined : { pid, born: started };
}

/** Whether the very process that was marked still lives. */
export const isAlive = ({ pid, born }: ProcessMark): boolean => markOf(pid)?.born === born;

/** Resident memory in bytes; undefined where the process is gone. */
export function residentBytes(pid: number): number | undefined {
  if (process.platform !== 'linux') {
    const kilobytes = ps(pid, 'rss');
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  }
  const pages = read(`/proc/${pid}/statm`)?.split(' ')[1];
  return pages === undefined ? undefined : Number(pages) * PAGE_BYTES;
}

/** Something that changes as long as the process computes. */
export function processorTime(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'time');
  const fields = statFields(pid);
  return fields && `${fields[11]}+${fields[12]}`;
}

/** The fields of /proc/<pid>/stat from the state on; the name before it may contain blanks and brackets. */
const statFields = (pid: number): readonly string[] | undefined => {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
};

let boot: string | undefined;
const bootId = (): string => (boot ??= read('/proc/sys/kernel/random/boot_id')?.trim() ?? '');

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, field: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
  } catch {
    return undefined;
  }
}
