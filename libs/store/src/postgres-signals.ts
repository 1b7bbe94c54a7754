import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type PostgresAddress, postgresConnection } from './postgres-connection.js';
import { checkSignal, type SignalListener, type Signals } from './signals.js';

/** Where signals go. */
export interface PostgresSignalsOptions {
  readonly address: PostgresAddress;
  readonly channel: string;
}

const CONNECT_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A quiet connection is asked so often whether it lives, and given up when it does not answer: a cut line does not say so by itself. */
const ASK_MS = 10_000;
const ANSWER_MS = 5_000;
/** Says that its sender may have lost messages; those have a topic. */
const LOST = '';
const TELL = 'select pg_notify($1, m) from unnest($2::text[]) as u(m)';

/** Signals as notifications of PostgreSQL, over one connection that is made anew when it breaks. */
export class PostgresSignals implements Signals {
  readonly #listeners = new Map<string, Set<SignalListener>>();
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;
  /** What goes out with the next statement; the same message twice is one. */
  readonly #waiting = new Set<string>();
  #telling: Promise<void> | undefined;

  constructor(private readonly options: PostgresSignalsOptions) {}

  send(topic: string, message: string): void {
    checkSignal(topic, message);
    this.#running ??= this.#run();
    this.#say(`${topic} ${message}`);
  }

  listen(topic: string, listener: SignalListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    this.#running ??= this.#run();
    return () => void listeners.delete(listener);
  }

  /** What was sent before is told first, where the server still hears. */
  async close(): Promise<void> {
    await this.#telling;
    this.#closing.abort();
    await this.#running;
  }

  /** Between two connections messages are lost both ways, and both sides are told so. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const client = this.#newClient();
      const gone = new Promise<void>((resolve) => client.on('error', () => resolve()).on('end', () => resolve()));
      try {
        await client.connect();
        await client.query(`listen ${this.options.channel}`);
        this.#client = client;
        pause = FIRST_PAUSE_MS;
        // Whatever was said without a connection, by this process or to it, is lost.
        this.#missed();
        this.#say(LOST);
        await this.#watch(client, gone);
      } catch {
        // Whoever uses the store is told the same fault by the pool; here it only means to try again.
      }
      this.#client = undefined;
      this.#waiting.clear();
      await Promise.race([client.end().catch(() => undefined), sleep(ANSWER_MS, undefined, { ref: false })]);
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #newClient(): pg.Client {
    const { address, channel } = this.options;
    const client = new pg.Client({ ...postgresConnection(address), connectionTimeoutMillis: CONNECT_MS, query_timeout: ANSWER_MS, keepAlive: true, application_name: `${channel} signals` });
    return client.on('notification', ({ payload = '', processId }) => {
      // What this connection told itself is known here.
      if (processId !== (client as unknown as { readonly processID: number }).processID) this.#hear(payload);
    });
  }

  /** Resolves or rejects when the connection is gone, or this is closed. */
  async #watch(client: pg.Client, gone: Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    let broken = false;
    const end = Promise.race([gone, new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))]).then(() => void (broken = true));
    while (!broken && !signal.aborted) {
      const stop = new AbortController();
      await Promise.race([end, sleep(ASK_MS, undefined, { ref: false, signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
      if (!broken && !signal.aborted) await client.query('select 1');
    }
  }

  #hear(payload: string): void {
    if (payload === LOST) return this.#missed();
    const space = payload.indexOf(' ');
    for (const listener of this.#listeners.get(payload.slice(0, space)) ?? []) listener.heard(payload.slice(space + 1));
  }

  #missed(): void {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener.missed();
  }

  #say(payload: string): void {
    // Without a connection messages are lost, and the next one begins by saying so.
    if (this.#client) this.#waiting.add(payload);
    this.#flush();
  }

  #flush(): void {
    const client = this.#client;
    if (this.#telling || !client || this.#waiting.size === 0) return;
    this.#telling = this.#tell(client).finally(() => {
      this.#telling = undefined;
      this.#flush();
    });
  }

  async #tell(client: pg.Client): Promise<void> {
    const messages = [...this.#waiting];
    this.#waiting.clear();
    // A failure ends the connection, and the next one says that messages were lost.
    await client.query(TELL, [this.options.channel, messages]).catch(() => client.end().catch(() => undefined));
  }
}
