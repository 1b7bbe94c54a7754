import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errors } from '../errors.js';
import type { Terminal } from '../terminal.js';

const WHY: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'this user may not read it' };

/** The text of a file, or of standard input for `-`; FILE_UNREADABLE says why not. */
export async function readText(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return terminal.readStdin();
  try {
    return await readFile(resolve(terminal.cwd, file), 'utf8');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw errors.FILE_UNREADABLE({ file, why: WHY[code] ?? message }, { cause });
  }
}
