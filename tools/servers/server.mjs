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
 * With `logs` its logs go to that folder, as `<kind>.log`, or `<kind>-<part>.log` where it has several parts.
 */
export function openServer(kind, { dir, port = 0, logs, ...options }) {
  const folder = resolve(dir, kind.name);
  const read = () => (existsSync(join(folder, STATE)) ? JSON.parse(readFileSync(join(folder, STATE), 'utf8')) : undefined);
  const write = (state) => {
    writeFileSync(join(folder, `${STATE}.new`), JSON.stringify(state));
    renameSync(join(folder, `${STATE}.new`), join(folder, STATE));
  };
  const programsOf = async ({ ports, options: chosen }) => {
    const programs = await kind.prepare(folder, ports, chosen);
    return logs === undefined ? programs : programs.map((program) => ({ ...program, log: join(logs, `${nameOf(kind, program, programs.length)}.log`) }));
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
    /** The ports that it keeps; none before the first start. */
    get ports() {
      return read()?.ports ?? [];
    },
    /** How many parts it has; 0 before the first start. */
    get partCount() {
      return this.ports.length / (kind.portCount({}) || 1);
    },
    /** Gives it these ports before it is started, so that its url is known to others; what runs must have been stopped. */
    reserve(ports) {
      mkdirSync(folder, { recursive: true });
      write({ ports, options, parts: read()?.parts ?? {} });
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
      const all = await programsOf(state);
      const programs = all.filter(({ id }) => only === undefined || id === String(only));
      if (logs !== undefined) mkdirSync(logs, { recursive: true });
      const started = [];
      for (const program of programs) {
        if (state.parts[program.id] && isAlive(state.parts[program.id])) continue;
        const part = await launch(program, program.log);
        // Another part may have been started meanwhile.
        const now = read() ?? state;
        write({ ...now, parts: { ...now.parts, [program.id]: part } });
        started.push({ program, part });
      }
      for (const { program, part } of started) await untilReady(program, { name: nameOf(kind, program, all.length), part });
      return kind.url(state.ports, state.options);
    },
    async stop({ only } = {}) {
      await Promise.all(parts(only).map(([, part]) => end(part, { signal: kind.stopSignal })));
    },
    async kill9({ only } = {}) {
      await Promise.all(parts(only).map(([, part]) => killNow(part)));
    },
    async restart(which) {
      await this.stop(which);
      return this.start(which);
    },
    /** Each part with its process number and whether it runs. */
    status: () => parts().map(([id, part]) => ({ id, pid: part.pid, alive: isAlive(part) })),
    /** Each part as it is now: its process number, whether that runs, its port, its log, and what keeps it from taking requests, if anything does. */
    async health() {
      const state = read();
      if (state === undefined) return [];
      const programs = await programsOf(state);
      return Promise.all(
        programs.map(async (program) => {
          const part = state.parts[program.id];
          const alive = part !== undefined && isAlive(part);
          return { id: program.id, name: nameOf(kind, program, programs.length), port: program.port, log: program.log, alive, ...(alive ? { pid: part.pid } : {}), trouble: alive ? await troubleOf(program) : part === undefined ? 'never started' : 'does not run' };
        }),
      );
    },
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

/** A part in words: by its server's name, and by its number where that has several. */
const nameOf = ({ name }, { id }, count) => (count > 1 ? `${name}-${id}` : name);

/** What keeps a part from taking requests, in words; undefined when nothing does. A program may say it by `trouble`, or only whether it is ready by `isReady`. */
async function troubleOf({ port, isReady = () => isOpen(port), trouble }) {
  if (trouble !== undefined) return trouble();
  return (await isReady()) ? undefined : `does not answer on port ${port}`;
}

async function untilReady(program, { name, part }) {
  let trouble;
  for (const until = Date.now() + READY_MS; Date.now() < until; await sleep(POLL_MS)) {
    trouble = await troubleOf(program);
    if (trouble === undefined) return;
    if (!isAlive(part)) break;
  }
  const why = isAlive(part) ? `is not ready after ${READY_MS / 1000} s: it ${trouble}` : 'ended at once';
  throw new Error(`${name} ${why}. Its log ${program.log} ends:\n${readFileSync(program.log, 'utf8').slice(-LOG_SHOWN)}`);
}
