import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SILENCE_MS, withLock } from './lock.mjs';

let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const lock = () => join(folder, 'setup.lock');

/** Appends a line when it comes in and when it goes out, in a process of its own. */
const worker = (name) => `
  import { appendFileSync } from 'node:fs';
  import { withLock } from ${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)};
  await withLock(${JSON.stringify(lock())}, async () => {
    appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'in ${name}\\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'out ${name}\\n');
  });`;
const start = (script) => spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
const deadPid = () => spawnSync(process.execPath, ['--eval', '']).pid;

it('lets one set-up work at a time, also when all find the lock of a dead one', async () => {
  writeFileSync(lock(), `${deadPid()}\n`);
  const ends = [1, 2, 3, 4].map((name) => once(start(worker(name)), 'close'));
  expect((await Promise.all(ends)).map(([code]) => code)).toEqual([0, 0, 0, 0]);
  const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(8);
  for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]?.replace('in', 'out'));
  expect(existsSync(lock())).toBe(false);
});

it('takes over from a holder that was killed', async () => {
  const holder = start(worker('a').replace('50', '60_000'));
  while (!existsSync(join(folder, 'log'))) await new Promise((resolve) => setTimeout(resolve, 10));
  holder.kill('SIGKILL');
  await once(holder, 'close');
  expect(existsSync(lock())).toBe(true);
  expect(await withLock(lock(), () => 'mine')).toBe('mine');
});

it('waits for a living holder, says so once, and takes over from one that is silent for too long', async () => {
  const other = start('setInterval(() => undefined, 1000)');
  try {
    writeFileSync(lock(), `${other.pid}\n`);
    const waits = [];
    const mine = withLock(lock(), () => 'mine', { onWait: (pid) => waits.push(pid) });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(waits).toEqual([other.pid]);
    const longAgo = (Date.now() - SILENCE_MS) / 1000;
    utimesSync(lock(), longAgo, longAgo);
    expect(await mine).toBe('mine');
  } finally {
    other.kill('SIGKILL');
  }
});

it('waits for what a killed holder had started', async () => {
  const orphan = start('setInterval(() => undefined, 1000)');
  writeFileSync(lock(), `${deadPid()} ${orphan.pid}`);
  const waits = [];
  const mine = withLock(lock(), () => 'mine', { onWait: (pid) => waits.push(pid) });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(waits).toHaveLength(1);
  orphan.kill('SIGKILL');
  expect(await mine).toBe('mine');
});

it('names the programs at work beside itself', async () => {
  expect(await withLock(lock(), (onStart) => (onStart(4711), readFileSync(lock(), 'utf8')))).toBe(`${process.pid} 4711`);
  expect(existsSync(lock())).toBe(false);
});

it('lets go when the work fails', async () => {
  await expect(withLock(lock(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(existsSync(lock())).toBe(false);
});
