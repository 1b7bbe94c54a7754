import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entryUrl } from '@millrace/core';
import { type Client, connect, type Definition } from '@millrace/rpc';

/** How the instances of one service are started. */
export interface InstancesOptions {
  /** The built main.js of the service. */
  readonly entry: URL;
  readonly count: number;
  /** Below it each instance has its data directory and its log. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** By how many ms the clock of an instance is wrong. */
  readonly clockOffsets?: readonly number[];
}

interface Instance {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly address: string;
  readonly httpAddress: string;
}

const START_MS = 60_000;
/** Between two kills. */
const LEAST_PAUSE_MS = 300;
const MORE_PAUSE_MS = 1_700;

/** Several processes of one service that share their servers, each of which may be killed, stopped and started again at any moment. */
export class Instances {
  readonly #instances: (Instance | undefined)[] = [];
  readonly #clients: { close(): void }[] = [];
  /** Every process that was started: a spec that fails leaves none behind. */
  readonly #children = new Set<ChildProcess>();
  readonly #lives: number[] = [];

  private constructor(private readonly options: InstancesOptions) {}

  static async start(options: InstancesOptions): Promise<Instances> {
    const instances = new Instances(options);
    try {
      await Promise.all(Array.from({ length: options.count }, (_, i) => instances.begin(i)));
    } catch (error) {
      await instances.close({ keep: true });
      throw error;
    }
    return instances;
  }

  /** Starts an instance that is not there; as a `stranger` it has lost its data directory, as a pod on another machine has. */
  async begin(index: number, { stranger = false } = {}): Promise<void> {
    const { entry, directory, env, clockOffsets = [] } = this.options;
    const life = (this.#lives[index] = (this.#lives[index] ?? -1) + (stranger || this.#lives[index] === undefined ? 1 : 0));
    const dataDir = join(directory, `instance-${index}-${life}`);
    mkdirSync(dataDir, { recursive: true });
    const offset = clockOffsets[index] ?? 0;
    const shift = offset === 0 ? [] : ['--import', entryUrl(import.meta.url, './clock-offset.js').href];
    const child = spawn(process.execPath, [...shift, fileURLToPath(entry)], {
      env: { ...process.env, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', LOG_LEVEL: 'info', MILLRACE_SHUTDOWN_SECONDS: '1', ...env, MILLRACE_DATA_DIR: dataDir, CLOCK_OFFSET_MS: String(offset) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#children.add(child);
    const log = createWriteStream(`${dataDir}.log`, { flags: 'a' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const ready = Promise.withResolvers<{ readonly grpc: string; readonly http: string }>();
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.write(`${line}\n`);
      if (line.includes('"msg":"ready"')) ready.resolve(JSON.parse(line) as { grpc: string; http: string });
    });
    const late = new AbortController();
    try {
      const gone = ended.then((code) => Promise.reject(new Error(`An instance ended with ${String(code)} before it was ready; its log is ${dataDir}.log.`)));
      const slow = sleep(START_MS, undefined, { signal: late.signal, ref: false }).then(() => Promise.reject(new Error(`An instance is not ready; its log is ${dataDir}.log.`)));
      slow.catch(() => undefined);
      gone.catch(() => undefined);
      const { grpc, http } = await Promise.race([ready.promise, gone, slow]);
      this.#instances[index] = { child, ended, address: grpc, httpAddress: http };
    } finally {
      late.abort();
    }
  }

  /** A client of one instance. */
  client<D extends Definition>(definition: D, index: number): Client<D> {
    const client = connect(definition, this.#at(index).address);
    this.#clients.push(client as unknown as { close(): void });
    return client;
  }

  /** Where an instance answers HTTP. */
  http(index: number): string {
    return this.#at(index).httpAddress;
  }

  /** The figures that an instance shows, by name and labels. */
  async metrics(index: number): Promise<string> {
    return (await fetch(`${this.#at(index).httpAddress}/metrics`)).text();
  }

  isUp(index: number): boolean {
    return this.#instances[index] !== undefined;
  }

  /** kill -9; resolves when it is gone. */
  async kill(index: number): Promise<void> {
    const { child, ended } = this.#at(index);
    this.#instances[index] = undefined;
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends it in order. */
  async end(index: number): Promise<void> {
    const { child, ended } = this.#at(index);
    this.#instances[index] = undefined;
    child.kill('SIGTERM');
    await ended;
  }

  /** It stands still, as in a long pause of a virtual machine, until it wakes. */
  freeze(index: number): void {
    this.#at(index).child.kill('SIGSTOP');
  }

  wake(index: number): void {
    this.#at(index).child.kill('SIGCONT');
  }

  /** Kills instances at moments that a seed decides and starts each again some time later, half of the time as a stranger; at least one is up. */
  async killAtRandom({ seed, kills, absenceMs }: { readonly seed: number; readonly kills: number; readonly absenceMs: number }): Promise<void> {
    const random = randomOf(seed);
    const coming: Promise<void>[] = [];
    while (coming.length < kills) {
      const [pause, index, absence, stranger] = [LEAST_PAUSE_MS + random() * MORE_PAUSE_MS, Math.floor(random() * this.options.count), random() * absenceMs, random() < 0.5];
      await sleep(pause);
      if (!this.isUp(index) || this.#instances.filter((instance) => instance !== undefined).length < 2) continue;
      await this.kill(index);
      coming.push(sleep(absence).then(() => this.begin(index, { stranger })));
    }
    await Promise.all(coming);
  }

  async close({ keep = false } = {}): Promise<void> {
    for (const client of this.#clients) client.close();
    const gone = [...this.#children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(gone);
    if (!keep) rmSync(this.options.directory, { recursive: true, force: true });
  }

  #at(index: number): Instance {
    const instance = this.#instances[index];
    if (!instance) throw new Error(`Instance ${index} is not up.`);
    return instance;
  }
}

/** Numbers from 0 to 1 that a seed decides: Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
