import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { killNow } from './process.mjs';
import { STATE } from './server.mjs';

const DEPTH = 5;

/**
 * Sees to it that no server in this folder outlives the program that calls this, however that ends, kill -9 included.
 * The answer ends the servers, removes the folder, and resolves when that is done.
 */
export async function guard(dir) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), dir], { detached: true, stdio: ['pipe', 'inherit', 'inherit'] });
  await once(child, 'spawn');
  const gone = once(child, 'exit');
  child.unref();
  return async () => {
    child.ref();
    child.stdin.end();
    await gone;
  };
}

/** The guard itself: its standard input ends when its caller does. */
async function stand(dir) {
  process.stdin.resume();
  await once(process.stdin, 'close');
  for (const file of statesUnder(dir, DEPTH)) {
    await Promise.all(Object.values(JSON.parse(readFileSync(file, 'utf8')).parts).map(killNow));
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function statesUnder(dir, depth) {
  if (depth === 0 || !existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isFile()) return entry.name === STATE ? [path] : [];
    return entry.isDirectory() ? statesUnder(path, depth - 1) : [];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await stand(process.argv[2]);
