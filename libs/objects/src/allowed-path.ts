import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errno, errors } from './errors.js';

/**
 * The real path (symbolic links followed) of a file or directory that somebody outside has named, if it lies within one of the roots.
 * `file://` URIs are taken; a relative path is looked for in each root in turn. PATH_NOT_ALLOWED, PATH_NOT_FOUND or PATH_INVALID otherwise;
 * outside the roots nobody learns whether a file exists.
 */
export async function resolveAllowedPath(path: string, roots: readonly string[]): Promise<string> {
  const plain = toPath(path);
  const given = roots.map((root) => resolve(root));
  const real = (await Promise.all(given.map(realOf))).filter((root) => root !== undefined);
  const candidates = isAbsolute(plain) ? [resolve(plain)] : given.map((root) => resolve(root, plain));
  let within = false;
  for (const candidate of candidates) {
    const found = await realOf(candidate);
    if (found !== undefined && real.some((root) => contains(root, found))) return found;
    within ||= found === undefined && [...given, ...real].some((root) => contains(root, candidate));
  }
  const metadata = { path, roots: roots.join(', ') };
  throw within ? errors.PATH_NOT_FOUND(metadata) : errors.PATH_NOT_ALLOWED(metadata);
}

function toPath(path: string): string {
  if (path === '' || path.includes('\0')) throw errors.PATH_INVALID({ path });
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return path;
  try {
    return fileURLToPath(path);
  } catch (cause) {
    throw errors.PATH_INVALID({ path }, { cause });
  }
}

async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'].includes(errno(error) ?? '')) return undefined;
    throw error;
  }
}

function contains(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
