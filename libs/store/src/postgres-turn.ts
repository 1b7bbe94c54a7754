import pg from 'pg';
import { type PostgresAddress, postgresConnection } from './postgres-connection.js';
import type { RelayTurn } from './relay.js';

/** What a turn is about. */
export interface TurnOptions {
  readonly address: PostgresAddress;
  /** Where commits with events are told; its name is that of the lock too. */
  readonly channel: string;
  readonly wake: () => void;
}

const CONNECT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const ANSWER_MS = 10_000;
/** The server gives the lock of a client up that has vanished without a word, and does not wait the two hours that its system would. */
const SERVER_KEEP_ALIVE = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** The right to ship one outbox: a lock of a connection of its own, given up by the server as soon as that connection ends. */
export class PostgresTurn implements RelayTurn {
  #client: pg.Client | undefined;
  #held = false;

  constructor(private readonly options: TurnOptions) {}

  async mine(): Promise<boolean> {
    if (this.#held) return true;
    const client = (this.#client ??= await this.#connect());
    try {
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 1)) as locked', [this.options.channel]);
      this.#held = rows[0]?.locked === true && this.#client === client;
      return this.#held;
    } catch (error) {
      // A connection on which nothing comes back is not asked again.
      if (this.#client === client) this.#lose();
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  async end(): Promise<void> {
    const client = this.#client;
    this.#lose();
    await client?.end();
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...postgresConnection(this.options.address), connectionTimeoutMillis: CONNECT_MS, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS, query_timeout: ANSWER_MS, options: SERVER_KEEP_ALIVE, application_name: `${this.options.channel} relay` });
    const lose = (): void => {
      if (this.#client !== client) return;
      this.#lose();
      this.options.wake();
    };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notification', () => this.options.wake());
    await client.connect();
    await client.query(`listen ${this.options.channel}`);
    return client;
  }

  #lose(): void {
    this.#client = undefined;
    this.#held = false;
  }
}
