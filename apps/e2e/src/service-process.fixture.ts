import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where a process answers. */
export interface Addresses {
  readonly grpc: string;
  readonly http: string;
}

/** One built service as a process of its own, and every line that it wrote. */
export class ServiceProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #ready = Promise.withResolvers<Addresses>();

  constructor(app: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url))], { env: { PATH: process.env['PATH'], MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => this.#read(line));
    this.#ready.promise.catch(() => undefined);
    void this.#ended.then((code) => this.#ready.reject(new Error(`${app} ended with ${code} before it was ready:\n${this.lines.join('\n')}`)));
  }

  /** Resolves once it is ready; rejects, with its log, when it ends before. */
  ready(): Promise<Addresses> {
    return this.#ready.promise;
  }

  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  #read(line: string): void {
    this.lines.push(line);
    const { msg, grpc, http } = line.startsWith('{') ? (JSON.parse(line) as { readonly msg?: string; readonly grpc?: string; readonly http?: string }) : {};
    if (msg === 'ready' && grpc !== undefined && http !== undefined) this.#ready.resolve({ grpc, http });
  }
}
