import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, isAlive, killNow, launch } from './process.mjs';
import { freePorts, isOpen } from './port.mjs';

const READY_MS = 120_000;
const POLL_MS = 50;
const LOG_SHOWN = 2_000;
/** The file in a server's folder that says what runs. */
export const STATE = 'server.json';

/**
 * A server of one kind, in the folder `<dir>/<kind>`. What runs is written down there: any later program finds it by the same folder.
 * `port` is the first port of the first start; 0 takes free ones. A server keeps its ports over stops, kills and starts.
 */
export function openServer(kind, { dir, port = 0, ...options }) {
  const folder = resolve(dir, kind.name);
  const read = () => (existsSync(join(folder, STATE)) ? JSON.parse(readFileSync(join(folder, STATE), 'utf8')) : undefined);
  const write = (state) => {
    writeFileSync(join(folder, `${STATE}.new`), JSON.stringify(state));
    renameSync(join(folder, `${STATE}.new`), join(folder, STATE));
  };
  const parts = (only) => Object.entries(read()?.parts ?? {}).filter(([id]) => only === undefined || id === String(only));

  return {
    name: kind.name,
    missing: kind.missing,
    /** What a client connects to; undefined before the first start. */
    get url() {
      const state = read();
      return state && kind.url(state.ports, state.options);
    },
    /** Starts what does not run (of a cluster only part `only`, when given) and resolves when it takes requests. */
    async start({ only } = {}) {
      const missing = kind.missing();
      if (missing !== undefined) throw new Error(missing);
      mkdirSync(folder, { recursive: true });
      // The server's own user, who need not be this one, has to reach its part of the folder.
      chmodSync(folder, 0o755);
      const state = read() ?? { ports: await portsFor(kind.portCount(options), port), options, parts: {} };
      write(state);
      const programs = (await kind.prepare(folder, state.ports, state.options)).filter(({ id }) => only === undefined || id === String(only));
      const started = [];
      for (const program of programs) {
        if (state.parts[program.id] && isAlive(state.parts[program.id])) continue;
        state.parts[program.id] = await launch(program, program.log);
        write(state);
        started.push(program);
      }
      for (const program of started) await untilReady(program, state.parts[program.id]);
      return kind.url(state.ports, state.options);
    },
    async stop({ only } = {}) {
      await Promise.all(parts(only).map(([, part]) => end(part, { signal: kind.stopSignal })));
    },
    async kill9({ only } = {}) {
      await Promise.all(parts(only).map(([, part]) => killNow(part)));
    },
    /** Each part with its process number and whether it runs. */
    status: () => parts().map(([id, part]) => ({ id, pid: part.pid, alive: isAlive(part) })),
    /** Ends the server by force and removes all that it kept. */
    async wipe() {
      await Promise.all(parts().map(([, part]) => killNow(part)));
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** Ten apart from a port that was asked for, so that each part has room for a second one. */
async function portsFor(count, port) {
  return port === 0 ? freePorts(count) : Array.from({ length: count }, (_, index) => port + 10 * Math.floor(index / 2) + (index % 2));
}

async function untilReady({ id, port, log, isReady = () => isOpen(port) }, part) {
  for (const until = Date.now() + READY_MS; Date.now() < until; await sleep(POLL_MS)) {
    if (await isReady()) return;
    if (!isAlive(part)) break;
  }
  const why = isAlive(part) ? `does not answer on port ${port} after ${READY_MS / 1000} s` : 'ended at once';
  throw new Error(`Part ${id} ${why}. Its log ${log} ends:\n${readFileSync(log, 'utf8').slice(-LOG_SHOWN)}`);
}
