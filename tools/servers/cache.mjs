import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where what was fetched or built once is kept, outside of every clone. */
export const cacheDir = () => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');

/** The full path of a program on the PATH, or undefined. */
export function findProgram(name) {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return path.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return existsSync(file);
  } catch {
    return false;
  }
}
