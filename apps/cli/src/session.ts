import type { Client, Definition } from '@millrace/rpc';
import { errors } from './errors.js';
import type { LiveTls } from '@millrace/tls';
import type { TlsOptions } from './calls/client-tls.js';
import { homeAddress } from './calls/home-address.js';
import { reach } from './calls/reach.js';
import { StillAtWork } from './calls/still-at-work.js';
import type { Terminal } from './terminal.js';
import { type Paint, paintFor, type Style } from './text/paint.js';
import { renderTable, type TableCell, type TableColumn } from './text/table.js';

export const DEFAULT_ADDRESS = '127.0.0.1:4301';
/** How long one call may take: inspecting or applying may read large files. */
const DEADLINE_MS = 120_000;

/** What is said before the command on every command line. */
export interface GlobalOptions extends TlsOptions {
  readonly address?: string;
  /** A URL; of `millrace demo` which home it plays in. */
  readonly home?: string;
  readonly json?: boolean;
}

/** One run of one command: whom it asks, and where its answer goes. */
export class Session {
  readonly terminal: Terminal;
  /** One JSON document on standard output, and nothing else there. */
  readonly json: boolean;
  readonly address: string;
  /** What --home says. */
  readonly home: string | undefined;
  /** Whether that one address was said to be every service's; else MILLRACE_<SERVICE>_ADDRESS may say another for each. */
  readonly #everywhere: boolean;
  /** Goes with every call, so that Ctrl-C ends it. */
  readonly call: { readonly signal: AbortSignal };
  readonly paint: Paint;
  readonly #clients = new Map<string, { close(): void }>();
  readonly #contradiction: boolean;
  readonly #tlsOptions: TlsOptions;
  #tls: Promise<LiveTls | undefined> | undefined;
  readonly #reached = new Map<string, Promise<void>>();

  constructor(terminal: Terminal, { address, home, json = false, ...tls }: GlobalOptions) {
    this.terminal = terminal;
    this.json = json;
    this.home = home;
    this.#contradiction = home !== undefined && address !== undefined;
    const named = (home === undefined ? undefined : homeAddress(home)?.address) ?? address ?? terminal.env['MILLRACE_GRPC_ADDRESS'];
    this.address = named ?? DEFAULT_ADDRESS;
    this.#everywhere = named !== undefined;
    this.#tlsOptions = tls;
    this.call = { signal: terminal.interrupted };
    this.paint = paintFor(terminal.out, terminal.env);
  }

  /** A client of one service, at the address of `at` where every process serves it; NOT_REACHABLE when nothing listens. */
  async connect<D extends Definition>(definition: D, at: Definition = definition): Promise<Client<D>> {
    this.#checkHome();
    const [{ addressVariable, connect }, tls] = await Promise.all([import('@millrace/rpc'), (this.#tls ??= this.#openTls())]);
    const address = (this.#everywhere ? undefined : this.terminal.env[addressVariable(at)]) ?? this.address;
    const reached = this.#reached.get(address) ?? reach(address);
    this.#reached.set(address, reached);
    await reached;
    if (this.call.signal.aborted) throw errors.INTERRUPTED({});
    const key = `${definition.fullName} ${address}`;
    const known = this.#clients.get(key);
    if (known) return known as unknown as Client<D>;
    const client = connect(definition, address, { deadlineMs: DEADLINE_MS, observers: [], tls });
    this.#clients.set(key, client);
    return client;
  }

  /** A URL without TLS is called so, whatever the variables say. */
  async #openTls(): Promise<LiveTls | undefined> {
    if (this.home !== undefined && homeAddress(this.home)?.tls === false) return undefined;
    const { clientTls } = await import('./calls/client-tls.js');
    return clientTls(this.#tlsOptions, this.terminal.env);
  }

  /** A URL that is none, or that says something else than the other options, is told before anything is called. */
  #checkHome(): void {
    if (this.home === undefined) return;
    const place = homeAddress(this.home);
    if (!place) throw errors.WRONG_HOME({ home: this.home });
    if (this.#contradiction) throw errors.WRONG_USE({ why: '--home and --address both say where; give one of them.' });
    if (place.tls && (this.#tlsOptions.tlsCa ?? this.terminal.env['MILLRACE_TLS_CA_FILE']) === undefined) throw errors.HOME_NEEDS_CA({ home: this.home });
    if (!place.tls && this.#tlsOptions.tlsCa !== undefined) throw errors.WRONG_USE({ why: `--tls-ca calls by TLS, and ${this.home} is without; write grpcs:// or https://.` });
  }

  /** Waits for something, and says what for when it takes longer than two seconds. */
  async slowly<T>(what: string, work: Promise<T>): Promise<T> {
    const sign = new StillAtWork(this.terminal.err, what);
    try {
      return await work;
    } finally {
      sign.end();
    }
  }

  /** The answer of a command: a document for programs, or text for people. */
  answer(document: () => unknown, text: () => string): void {
    this.terminal.out.write(this.json ? `${JSON.stringify(document(), undefined, 2)}\n` : text());
  }

  /** A remark beside the answer. */
  remark(text: string): void {
    this.terminal.err.write(`${text}\n`);
  }

  /** A table as wide as the terminal. */
  table(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[], indent = ''): string {
    return renderTable(columns, rows, { width: this.terminal.out.isTTY ? this.terminal.out.columns : undefined, paint: this.paint, indent });
  }

  /** A headline with an empty line before it. */
  title(text: string): string {
    return `\n${this.paint('bold', text)}\n`;
  }

  styled(style: Style, text: string): string {
    return this.paint(style, text);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
