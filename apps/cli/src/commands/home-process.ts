import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilReady } from '../calls/until-ready.js';
import { errors } from '../errors.js';

const READY_LINE = /HTTP (\S+), gRPC (\S+)$/;
const READY_SECONDS = 60;

/** Where a home answers. */
export interface HomeAddresses {
  readonly httpAddress: string;
  readonly grpcAddress: string;
}

/** How a home is started. */
export interface HomeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly interrupted: AbortSignal;
  /** What it prints beside the line that says that it is ready. */
  readonly onLine: (line: string) => void;
}

/** The embedded home as a child in a process group of its own, so that Ctrl-C reaches it once and through us: twice would mean "at once". */
export class HomeProcess {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #addresses: Promise<HomeAddresses>;
  readonly #interrupted: AbortSignal;

  constructor(entry: string, { env, cwd, interrupted, onLine }: HomeOptions) {
    this.#child = spawn(process.execPath, [entry], { env, cwd, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    this.#interrupted = interrupted;
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('exit', resolve);
      this.#child.once('error', reject);
    });
    const stop = (): void => void this.#child.kill('SIGTERM');
    interrupted.addEventListener('abort', stop, { once: true });
    if (interrupted.aborted) stop();
    this.#addresses = new Promise((resolve) => {
      createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const [, httpAddress, grpcAddress] = READY_LINE.exec(line) ?? [];
        if (httpAddress !== undefined && grpcAddress !== undefined) resolve({ httpAddress, grpcAddress });
        else onLine(line);
      });
    });
    // A second Ctrl-C ends this process at once; the home must not outlive it.
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Its addresses once /readyz says yes; undefined when it was interrupted before. NOT_STARTED when it ended, NOT_READY when it took too long. */
  async ready(): Promise<HomeAddresses | undefined> {
    const controller = new AbortController();
    const late = sleep(READY_SECONDS * 1_000, undefined, { signal: controller.signal, ref: false }).then(() => {
      this.#child.kill('SIGTERM');
      throw errors.NOT_READY({ seconds: String(READY_SECONDS) });
    });
    late.catch(() => undefined);
    const died = this.ended.then((code) => {
      if (this.#interrupted.aborted) return undefined;
      throw errors.NOT_STARTED({ code: String(code) });
    });
    try {
      return await Promise.race([this.#addresses.then((addresses) => untilAnswering(addresses, controller.signal)), died, late]);
    } finally {
      controller.abort();
    }
  }
}

/** The line comes when all is ready; that it answers is looked at as well where anybody may ask, which is not so by TLS. */
async function untilAnswering(addresses: HomeAddresses, signal: AbortSignal): Promise<HomeAddresses> {
  if (addresses.httpAddress.startsWith('http:')) await untilReady(addresses.httpAddress, signal);
  return addresses;
}
