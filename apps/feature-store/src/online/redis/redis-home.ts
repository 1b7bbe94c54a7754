import { AppError } from '@millrace/core';
import type { RedisPlace } from '@millrace/service';
import { type ChainableCommander, Redis } from 'ioredis';
import { errors } from '../../errors.js';
import { SCRIPTS } from './redis-scripts.js';

/** How a client behaves; every field has a default. */
export interface RedisHomeOptions {
  /** A command that has no answer for so long has failed. */
  readonly commandTimeoutMs?: number;
  /** Told when the server is there again, and when it is gone. */
  readonly onChange?: (fault: string | undefined) => void;
}

export const COMMAND_TIMEOUT_MS = 2_000;
/** Commands that may wait for their answers at once; more are refused, because a server that does not answer must not fill this process. */
export const MAX_IN_FLIGHT = 10_000;
const CONNECT_MS = 5_000;
/** A connection on which commands wait and nothing comes for so long is given up: it may be half open. */
const SILENCE_MS = 5_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;

/** A client of one Redis that fails fast while the server is away, and comes back by itself with a bounded pause between attempts. */
export class RedisHome {
  readonly prefix: string;
  readonly #redis: Redis;
  #fault: string | undefined = 'not connected yet';
  #connections = 0;
  #inFlight = 0;
  #closed = false;

  constructor(
    { url, options: access, prefix }: RedisPlace,
    private readonly options: RedisHomeOptions = {},
  ) {
    this.prefix = prefix;
    this.#redis = new Redis(url, {
      ...access,
      connectionName: 'millrace-feature-store',
      connectTimeout: CONNECT_MS,
      commandTimeout: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      keepAlive: KEEP_ALIVE_MS,
      // Nothing waits in memory for a server that is away, and nothing is sent twice behind the caller's back.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
      // What is asked at the same time goes in one write and comes in one read.
      enableAutoPipelining: true,
      retryStrategy: (attempt) => Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS),
      scripts: SCRIPTS,
    });
    this.#redis.on('ready', () => void this.#ready());
    this.#redis.on('close', () => this.#set(this.#fault ?? 'the connection was lost'));
    this.#redis.on('error', (error: Error) => this.#set(wordsOf(error)));
    this.#redis.connect().catch((error: unknown) => this.#set(wordsOf(error)));
  }

  /** Why nothing can be asked just now; undefined when it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Counts the connections that were made: what was known of the server before the last of them may no longer be so. */
  get connections(): number {
    return this.#connections;
  }

  /** Waits until the server answers for the first time, at most so long; gives whether it does. */
  async settled(ms: number): Promise<boolean> {
    for (const until = Date.now() + ms; this.#fault !== undefined && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS / 2));
    return this.#fault === undefined;
  }

  /** Sends what `build` puts into one pipeline, in one round trip; gives the answers in order. Throws ONLINE_UNREACHABLE, ONLINE_REFUSED or ONLINE_FULL. */
  async send(build: (pipeline: ChainableCommander) => void): Promise<readonly unknown[]> {
    const pipeline = this.#redis.pipeline();
    build(pipeline);
    const answers = await this.#count(pipeline.length, async () => pipeline.exec());
    return (answers ?? []).map(([error, value]) => {
      if (error) throw redisError(error);
      return value;
    });
  }

  /** Sends one command. Throws ONLINE_UNREACHABLE, ONLINE_REFUSED or ONLINE_FULL. */
  run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#count(1, () => command(this.#redis));
  }

  async #count<T>(commands: number, work: () => Promise<T>): Promise<T> {
    if (this.#fault !== undefined) throw errors.ONLINE_UNREACHABLE({ why: this.#fault });
    if (this.#inFlight + commands > MAX_IN_FLIGHT) throw errors.ONLINE_UNREACHABLE({ why: `${this.#inFlight} commands wait for their answers` });
    this.#inFlight += commands;
    try {
      return await work();
    } catch (error) {
      throw redisError(error);
    } finally {
      this.#inFlight -= commands;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#redis.disconnect();
  }

  async #ready(): Promise<void> {
    try {
      const policy = /maxmemory_policy:(\S+)/.exec(await this.#redis.info('memory'))?.[1];
      if (policy !== undefined && policy !== 'noeviction') throw errors.ONLINE_EVICTS({ policy });
      this.#connections++;
      this.#set(undefined);
    } catch (error) {
      this.#set(wordsOf(error));
    }
  }

  #set(fault: string | undefined): void {
    if (this.#closed || fault === this.#fault) return;
    this.#fault = fault;
    this.options.onChange?.(fault);
  }
}

const AWAY = /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY)|Connection is closed|Command timed out|Socket timeout|writeable|max retries|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_/i;

/** Translates what Redis or the way to it said. The cause keeps the original words alone: errors of ioredis carry their command with its arguments, passwords too. */
function redisError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const why = wordsOf(error);
  const options = { cause: new Error(why) };
  if (why.startsWith('OOM')) return errors.ONLINE_FULL({}, options);
  if (AWAY.test(why)) return errors.ONLINE_UNREACHABLE({ why }, options);
  return errors.ONLINE_REFUSED({ why }, options);
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));
