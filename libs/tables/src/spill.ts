import { uuidv7 } from '@millrace/core';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^millrace-tables-(\d+)-/;
/** A process of another container cannot be seen, but it does not leave its spill alone for so long. */
const ABANDONED_MS = 24 * 3600_000;

/** Makes a directory for what one session spills, and clears those that killed processes have left beside it. */
export async function makeSpill(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(parent, name);
    const age = await stat(path).catch(() => undefined);
    if (age && age.mtimeMs < Date.now() - ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
  const spill = join(parent, `millrace-tables-${process.pid}-${uuidv7()}`);
  await mkdir(spill);
  return spill;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
