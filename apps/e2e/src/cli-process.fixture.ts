import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));
const PATIENCE_MS = 90_000;

/** What one command line came to. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The built command line of Millrace, run as a person's shell would: a process of its own for every command. */
export class CliProcess {
  #home: ChildProcess | undefined;
  #homeEnded: Promise<number | null> = Promise.resolve(0);
  #address: string;

  constructor(
    private readonly directory: string,
    /** Where something runs already. */
    address = '',
  ) {
    this.#address = address;
  }

  /** Starts everything over a folder below the directory with `millrace up --json`; gives the document that it prints when it is ready. */
  async up(dataDir = 'data'): Promise<{ readonly httpAddress: string; readonly grpcAddress: string; readonly dataDir: string; readonly pid: number }> {
    const home = this.#spawn(['up', '--http-port', '0', '--grpc-port', '0', '--data-dir', dataDir, '--source-root', '.', '--json']);
    this.#home = home;
    this.#homeEnded = new Promise((resolve) => home.once('exit', resolve));
    let told = '';
    const document = await new Promise<string>((resolve, reject) => {
      home.stdout?.setEncoding('utf8').on('data', (text: string) => {
        told += text;
        if (told.endsWith('}\n')) resolve(told);
      });
      void this.#homeEnded.then((code) => reject(new Error(`millrace up ended with code ${code}.`)));
    });
    const ready = JSON.parse(document) as Awaited<ReturnType<CliProcess['up']>>;
    this.#address = ready.grpcAddress;
    return ready;
  }

  /** Ends it as Ctrl-C does; gives its exit code. */
  async down(): Promise<number | null> {
    this.#home?.kill('SIGINT');
    return this.#homeEnded;
  }

  /** Runs one command to its end. */
  async run(...args: readonly string[]): Promise<Ended> {
    return this.piped(undefined, ...args);
  }

  /** The same with a text on standard input. */
  async piped(input: string | undefined, ...args: readonly string[]): Promise<Ended> {
    const child = this.#spawn(args, input === undefined ? 'ignore' : 'pipe');
    child.stdin?.end(input);
    const written = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (written.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (written.err += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    return { code, ...written };
  }

  /** What a command that must end well says to people. */
  async text(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.run(...args);
    if (code !== 0) throw new Error(`millrace ${args.join(' ')} ended with code ${code}: ${err}${out}`);
    return out;
  }

  /** The document of a command that must end well, and that says nothing else on standard output. */
  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.text(...args, '--json'));
  }

  #spawn(args: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
    const { PATH } = process.env;
    return spawn(process.execPath, [MAIN, ...args], { cwd: this.directory, env: { PATH, ...(this.#address === '' ? {} : { MILLRACE_GRPC_ADDRESS: this.#address }) }, stdio: [stdin, 'pipe', 'pipe'] });
  }
}
