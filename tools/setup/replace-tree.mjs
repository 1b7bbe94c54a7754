import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes `to` hold what `from` holds, file or folder; a file that is already the same is left alone, one that is not in `from` goes. */
export function replaceTree(from, to) {
  if (!statSync(from).isDirectory()) {
    replaceFile(from, to);
    return;
  }
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from);
  for (const name of readdirSync(to)) if (!names.includes(name)) rmSync(join(to, name), { recursive: true });
  for (const name of names) replaceTree(join(from, name), join(to, name));
}

function replaceFile(from, to) {
  const there = statSync(to, { throwIfNoEntry: false });
  if (there?.isFile() && readFileSync(from).equals(readFileSync(to))) return;
  if (there?.isDirectory()) rmSync(to, { recursive: true });
  mkdirSync(dirname(to), { recursive: true });
  const whole = `${to}.${process.pid}`;
  copyFileSync(from, whole);
  renameSync(whole, to);
}
