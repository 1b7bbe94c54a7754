import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether node_modules already holds what package-lock.json asks for, by the list that npm leaves after a finished installation. */
export function installationFits(root) {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const found = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !found) return false;
  const names = Object.keys(wanted).filter((name) => name.includes('node_modules/'));
  return (
    names.every((name) => (found[name] ? isSame(wanted[name], found[name]) && existsSync(join(root, name, 'package.json')) : wanted[name].optional === true)) &&
    Object.keys(found).every((name) => wanted[name] !== undefined)
  );
}

function isSame(wanted, found) {
  return wanted.version === found.version && wanted.integrity === found.integrity && wanted.resolved === found.resolved;
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
