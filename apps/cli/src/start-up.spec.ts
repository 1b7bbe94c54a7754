import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Writes the address of each module that is loaded to standard error. */
const TELL = `data:text/javascript,${encodeURIComponent("import { registerHooks } from 'node:module'; registerHooks({ load: (url, context, next) => (process._rawDebug(url), next(url, context)) });")}`;

const loadedBy = (...args: readonly string[]): readonly string[] =>
  execFileSync('/bin/sh', ['-c', '"$0" "$@" 2>&1 >/dev/null', process.execPath, '--import', TELL, MAIN, ...args], { encoding: 'utf8', timeout: 60_000 }).split('\n').filter((line) => line.startsWith('file:'));

// A machine that is busy makes any figure of time; what costs time is what is loaded.
it.each([['--help'], ['run', '--help'], ['completion', 'bash'], ['__complete', '--', 'da']])('`millrace %s …` loads what it says, and neither contracts nor gRPC nor any command that was not asked for', (...args) => {
  const loaded = loadedBy(...args);
  expect(loaded.some((url) => url.endsWith('/commander/esm.mjs'))).toBe(true);
  expect(loaded.filter((url) => /libs\/contracts|grpc-js|libs\/rpc|libs\/tls|node_modules\/yaml/.test(url))).toEqual([]);
  expect(loaded.filter((url) => /\/dist\/commands\//.test(url) && !url.endsWith(`/${args[0]}.js`))).toEqual([]);
  expect(loaded.length).toBeLessThan(65);
});
