import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { ROOT, WORK } from './flights.mjs';

const VENV = join(WORK, 'peers');
/** A setting of the machine that other libraries need may be wrong for numpy. */
export const PEER_ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'OPENBLAS_CORETYPE'));

/** Installs what peers.txt names from PyPI into a virtual environment of the benchmarks' own; gives its Python. */
export async function installPeers(say) {
  const python = join(VENV, 'bin', 'python');
  const list = join(ROOT, 'tools/bench/peers.txt');
  const installed = join(VENV, `installed-${createHash('sha256').update(await readFile(list)).digest('hex').slice(0, 16)}`);
  if (existsSync(installed)) return python;
  say('installing the peers into a virtual environment');
  await mkdir(VENV, { recursive: true });
  await done('python3', ['-m', 'venv', VENV]);
  await done(python, ['-m', 'pip', 'install', '--quiet', '-r', list]);
  await mkdir(installed);
  return python;
}

/** Runs a script of this folder and gives the object that it prints last. */
export async function runPeer(python, script, parts) {
  const output = await done(python, [join(ROOT, 'tools/bench', script), ...parts.map(String)]);
  return JSON.parse(output.trim().split('\n').at(-1));
}

async function done(command, args) {
  const { code, output } = await runQuietly(command, args, { env: PEER_ENV });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${code}: ${output.slice(-2_000)}`);
  return output;
}
