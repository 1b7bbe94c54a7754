import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { cacheDir, findProgram } from './cache.mjs';

const FOLDER = () => join(cacheDir(), 'chromium');
/** Starts the browser that lies in the cache, with what it needs beside it. */
const PROGRAM = () => join(FOLDER(), 'start');
/** A face to read by: without any font a page has no letters. */
const FONTS = ['fonts-noto-core'];
const FACES = /\/NotoSans(Mono)?-(Regular|Bold|Italic)\.ttf$/;

/** A browser for specs of pages. It is no server: Debian's packages are unpacked in the cache, which needs no root and changes nothing of the system. */
export const chromium = {
  name: 'chromium',
  missing: () => (chromiumProgram() === undefined ? 'Chromium is not installed: node tools/servers/install.mjs chromium' : undefined),
  packages: () => [],
  async install() {
    if (!findProgram('apt-get')) throw new Error('Chromium is unpacked from Debian packages, and there is no apt-get here: install a chromium that is on the PATH.');
    const fresh = `${FOLDER()}.${process.pid}`;
    const packages = join(fresh, 'packages');
    mkdirSync(packages, { recursive: true });
    try {
      for (const file of await download(packages)) await run('dpkg-deb', ['--extract', join(packages, file), fresh]);
      rmSync(packages, { recursive: true });
      keepFaces(join(fresh, 'usr/share/fonts'));
      writeStart(fresh);
      rmSync(FOLDER(), { recursive: true, force: true });
      renameSync(fresh, FOLDER());
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  },
};

/** The browser: that of the cache, or one on the PATH; undefined when there is none. */
export const chromiumProgram = () => (existsSync(PROGRAM()) ? PROGRAM() : findProgram('chromium'));

/** Fetches the package with those that it needs and the system has not; gives the files. */
async function download(folder) {
  // Lists of packages may be old, or none; only root may fetch them.
  if (process.getuid?.() === 0) await run('apt-get', ['update', '-qq']);
  const { output } = await run('apt-get', ['install', '--print-uris', '-qq', '--yes', '--no-install-recommends', 'chromium', ...FONTS]);
  const names = output.split('\n').flatMap((line) => (line.startsWith("'") ? [line.split(' ')[1].split('_')[0]] : []));
  await run('apt-get', ['download', '-qq', ...new Set(['chromium', ...FONTS, ...names])], { cwd: folder });
  return readdirSync(folder).filter((file) => file.endsWith('.deb'));
}

async function run(command, args, options = {}) {
  const result = await runQuietly(command, args, options);
  if (result.code !== 0) throw new Error(`${command} ${args.slice(0, 2).join(' ')} ended with ${result.code}:\n${result.output}`);
  return result;
}

/** Thousands of other faces would only be looked through at every start. */
function keepFaces(folder) {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) if (file.isFile() && !FACES.test(join(file.parentPath, file.name))) rmSync(join(file.parentPath, file.name));
}

function writeStart(folder) {
  const file = join(folder, 'start');
  const script = ['#!/bin/sh', 'here=$(dirname "$0")', 'libraries=$(echo "$here"/usr/lib/*-linux-gnu)', 'LD_LIBRARY_PATH="$libraries:$libraries/pulseaudio" XDG_DATA_HOME="$here/usr/share" exec "$here/usr/lib/chromium/chromium" "$@"', ''];
  writeFileSync(file, script.join('\n'));
  chmodSync(file, 0o755);
}
