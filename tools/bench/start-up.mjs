import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT, WORK } from './flights.mjs';
import { inTurns, memoryOf } from './in-turns.mjs';

export const title = 'millrace up: until ready, and memory when idle';

const IDLE_MS = 10_000;
const STOP_MS = 20_000;

/** `millrace up` over an empty directory, as a person types it, against a Node that does nothing; memory is that of all processes it starts. */
export async function run({ runs, say }) {
  const found = await inTurns({ ours: up, base: nothing }, { runs, say });
  return [
    { id: 'up-ready', unit: 's', ours: found.ours.seconds, base: found.base.seconds, aim: { atMost: 5 } },
    { id: 'up-memory', unit: 'MB', ours: found.ours.memory, base: found.base.memory, aim: { atMost: 400 }, note: 'resident after 10 s, all processes' },
  ];
}

async function up() {
  const data = join(WORK, 'up');
  await rm(data, { recursive: true, force: true });
  const began = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'tools/millrace.mjs'), 'up', '--data-dir', data, '--http-port', '0', '--grpc-port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await said(child, ended, 'Millrace is ready');
    const seconds = (performance.now() - began) / 1_000;
    await sleep(IDLE_MS);
    return { seconds, memory: familyOf(child.pid).reduce((sum, pid) => sum + memoryOf(pid), 0) };
  } finally {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
}

async function nothing() {
  const began = performance.now();
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - began) / 1_000;
  // It ends too soon to be looked at, so its memory is that of one that waits.
  const idle = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5_000)'], { stdio: 'ignore' });
  await sleep(500);
  const memory = memoryOf(idle.pid);
  idle.kill('SIGKILL');
  await new Promise((resolve) => idle.once('exit', resolve));
  return { seconds, memory };
}

async function said(child, ended, words) {
  let output = '';
  const told = new Promise((resolve) => child.stdout.setEncoding('utf8').on('data', (text) => (output += text).includes(words) && resolve()));
  await Promise.race([told, ended.then((code) => Promise.reject(new Error(`millrace up ended with code ${code}: ${output}`)))]);
}

/** A process and all below it. */
function familyOf(pid) {
  const parents = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
    } catch {
      // It has ended since the folder was read.
      return [];
    }
  }));
  const below = (of) => [of, ...[...parents].filter(([, parent]) => parent === of).flatMap(([child]) => below(child))];
  return below(pid);
}
