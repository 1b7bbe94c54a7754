import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder that has not said for this long that it lives has died, even if its process number is taken again. */
export const SILENCE_MS = 120_000;
const HEARTBEAT_MS = 5_000;
const POLL_MS = 200;

/**
 * Runs `work` while this process alone holds the lock file; waits for a living holder, takes over from a dead one. A program that `work`
 * starts and hands to its argument, by process number, is a holder too: it may outlive this process when that is killed.
 */
export async function withLock(file, work, { onWait = () => undefined, silenceMs = SILENCE_MS } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    const holder = holderOf(file, silenceMs);
    if (holder === undefined) continue;
    if (!holder.alive) {
      clear(file, holder);
      continue;
    }
    if (!told) onWait(holder.pid);
    told = true;
    await sleep(POLL_MS);
  }
  const isMine = () => holderOf(file, silenceMs)?.pid === process.pid;
  const release = () => isMine() && rmSync(file);
  const heartbeat = setInterval(() => isMine() && touch(file), HEARTBEAT_MS);
  process.once('exit', release);
  try {
    return await work((child) => isMine() && putIn(file, [process.pid, child]));
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

/** Takes the lock with its holder already written in it, so that nobody ever reads an empty one. */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid}`);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function putIn(file, pids) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, pids.join(' '));
  renameSync(own, file);
}

function holderOf(file, silenceMs) {
  try {
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    const { mtimeMs } = statSync(file);
    return { pid: pids[0], mtimeMs, alive: Date.now() - mtimeMs < silenceMs && pids.some((pid) => pid !== process.pid && isAlive(pid)) };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moves a dead holder's lock away; one that was taken anew in the meantime is put back. */
function clear(file, dead) {
  const aside = `${file}.dead.${process.pid}`;
  try {
    renameSync(file, aside);
    if (statSync(aside).mtimeMs !== dead.mtimeMs) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Someone removed the lock by hand just now: the work goes on.
  }
}

function isAlive(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
