import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const MADE = new Set(['node_modules', 'dist', '.git', '.nx', '.millrace']);

/** Every file at or below the given paths, sorted, without what tools make; paths that do not exist are left out. */
export function filesOf(paths) {
  const found = [];
  for (const path of paths) walk(path, found);
  return found.sort();
}

/** A digest of names and contents: for few files, where a checkout must not look like a change. */
export function contentFingerprint(root, files, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const file of files) hash.update(`\0${nameIn(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** A digest of names, sizes and times: for many files, where reading them all would take longer than the question is worth. */
export function timeFingerprint(root, files, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`\0${nameIn(root, file)}\0${size}\0${mtimeMs}`);
  }
  return hash.digest('hex');
}

function nameIn(root, file) {
  return relative(root, file).split(sep).join('/');
}

function walk(path, found) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) found.push(path);
  if (!stat?.isDirectory()) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (MADE.has(entry.name)) continue;
    if (entry.isDirectory()) walk(join(path, entry.name), found);
    else if (entry.isFile()) found.push(join(path, entry.name));
  }
}
