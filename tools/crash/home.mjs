import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { judge } from '../faults/judge.mjs';
import { endProcessesOf } from '../faults/processes.mjs';
import { withRemains } from './remains.mjs';

const MAIN = fileURLToPath(new URL('../../apps/standalone/dist/main.js', import.meta.url));
const PLANTED = new URL('../faults/planted.mjs', import.meta.url).href;
const READY = /HTTP http:\/\/(\S+), gRPC (\S+)$/m;
const START_MS = 60_000;
const STOP_MS = 30_000;
const KNOCK_MS = 10;

/** Every service in one process over one data directory, started again and again. */
export class Home {
  #child;
  #exit;
  #ports = { http: 0, grpc: 0 };

  /** `directory` holds the data and the log; `plant` names a bug to start with. */
  constructor({ directory, roots, plant }) {
    this.directory = directory;
    this.dataDir = join(directory, 'data');
    this.log = join(directory, 'millrace.log');
    this.roots = roots;
    this.plant = plant;
    mkdirSync(directory, { recursive: true });
  }

  get pid() {
    return this.#child?.pid;
  }

  /**
   * Starts the process. `onListening` is called as soon as the port takes calls, which is before the services say that they are ready:
   * clients do not wait for that either. Gives the seconds until ready.
   */
  async start(onListening) {
    const began = performance.now();
    const log = openSync(this.log, 'a');
    appendFileSync(log, `--- start at ${new Date().toISOString()}\n`);
    const env = {
      ...process.env,
      MILLRACE_DATA_DIR: this.dataDir,
      MILLRACE_SOURCE_ROOTS: this.roots,
      // Free ports at first, then the same again, as an operator has it.
      MILLRACE_HTTP_PORT: String(this.#ports.http),
      MILLRACE_GRPC_PORT: String(this.#ports.grpc),
      LOG_LEVEL: 'info',
      ...(this.plant === undefined ? {} : { MILLRACE_PLANT: this.plant }),
    };
    const child = spawn(process.execPath, ['--enable-source-maps', ...(this.plant === undefined ? [] : ['--import', PLANTED]), MAIN], { env, stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    this.#child = child;
    this.#exit = once(child, 'exit');
    const stop = new AbortController();
    const ready = this.#readyLine(child);
    const early = this.#ports.grpc === 0 ? undefined : this.#knock(stop.signal).then((open) => open && onListening(this.#addresses()));
    try {
      const [, http, grpc] = await ready;
      this.#ports = { http: portOf(http), grpc: portOf(grpc) };
    } finally {
      stop.abort();
      await early;
    }
    onListening(this.#addresses());
    return (performance.now() - began) / 1_000;
  }

  /** Kills this one process, and nothing that it started; gives when it is gone. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  /** Asks it to end in order; gives its exit code. */
  async stop() {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return null;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const [code] = await this.#exit;
    clearTimeout(timer);
    return code;
  }

  /** Holds what the dead process has left against what was acknowledged. */
  async inspect(how) {
    return withRemains(this.dataDir, join(this.directory, 'copies'), (remains) => judge(remains, how));
  }

  /** Ends the jobs that go on without their process. */
  end() {
    return endProcessesOf(this.dataDir);
  }

  async #readyLine(child) {
    let told = '';
    const line = new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        told += text;
        const match = READY.exec(told);
        if (match) resolve(match);
      });
    });
    const died = this.#exit.then(([code, signal]) => Promise.reject(new Error(`Millrace did not start again: it ended with ${signal ?? `code ${code}`}; its log is ${this.log}.`)));
    const late = sleep(START_MS, undefined, { ref: false }).then(() => Promise.reject(new Error(`Millrace was not ready after ${START_MS / 1_000} s; its log is ${this.log}.`)));
    died.catch(() => undefined);
    late.catch(() => undefined);
    return Promise.race([line, died, late]);
  }

  async #knock(signal) {
    while (!signal.aborted) {
      if (await takesCalls(this.#ports.grpc)) return true;
      await sleep(KNOCK_MS);
    }
    return false;
  }

  #addresses() {
    return { grpc: `127.0.0.1:${this.#ports.grpc}`, http: `http://127.0.0.1:${this.#ports.http}` };
  }
}

const portOf = (address) => Number(address.slice(address.lastIndexOf(':') + 1));

function takesCalls(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (open) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
