import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { ROOT, WORK } from './flights.mjs';

const VENV = join(WORK, 'peers');
/** A setting of the machine that other libraries need may be wrong for numpy. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'OPENBLAS_CORETYPE'));

/** Installs LightGBM from PyPI into a virtual environment of the benchmarks' own; gives its Python. */
export async function installPeers(say) {
  const python = join(VENV, 'bin', 'python');
  if (existsSync(join(VENV, 'installed'))) return python;
  say('installing LightGBM into a virtual environment');
  await mkdir(VENV, { recursive: true });
  await done('python3', ['-m', 'venv', VENV]);
  await done(python, ['-m', 'pip', 'install', '--quiet', 'lightgbm', 'numpy', 'scipy']);
  await mkdir(join(VENV, 'installed'));
  return python;
}

/** Runs peers.py and gives the object that it prints. */
export async function runPeer(python, parts) {
  const output = await done(python, [join(ROOT, 'tools/bench/peers.py'), ...parts.map(String)]);
  return JSON.parse(output.trim().split('\n').at(-1));
}

async function done(command, args) {
  const { code, output } = await runQuietly(command, args, { env });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${code}: ${output.slice(-2_000)}`);
  return output;
}
