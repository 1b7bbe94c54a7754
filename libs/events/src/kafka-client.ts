import { setTimeout as sleep } from 'node:timers/promises';
import { isError } from '@millrace/core';
import { type Admin, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { TlsMaterial } from '@millrace/tls';
import { errors, EVENTS_DOMAIN } from './errors.js';
import { accessError } from './kafka-access-fault.js';
import './kafkajs-mends.js';

/** How to reach a Kafka cluster. */
export interface KafkaConnection {
  /** Some of its brokers, `host:port`; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  /** Stands before the name of every topic and group, so that several installations share one cluster. */
  readonly prefix?: string;
  /** Brokers are spoken to by TLS: whom to trust (`ca`; without it the public authorities) and what to show. */
  readonly tls?: TlsMaterial;
  readonly sasl?: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string };
  /** Makes the sockets; for specs that cut them. */
  readonly socketFactory?: KafkaConfig['socketFactory'];
}

const CONNECT_MS = 5_000;
/** No answer for so long: the request is made again. */
export const REQUEST_MS = 15_000;
const ADMIN_TRIES = 6;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const CLOSED = /closed connection|ECONNRESET/i;
const UNKNOWN_TOPIC = 'UNKNOWN_TOPIC_OR_PARTITION';
/** Answers of Kafka that no repetition changes. */
const FINAL = new Set([UNKNOWN_TOPIC, 'INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'INVALID_REPLICATION_FACTOR', 'INVALID_PARTITIONS', 'INVALID_CONFIG', 'POLICY_VIOLATION', 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']);

/** What goes with a question. */
export interface AskOptions {
  /** The topics that it is about were made. */
  readonly made?: boolean;
}

/** One cluster as the parts of a bus see it: clients, names, and questions that are asked until they are answered. */
export class KafkaClient {
  readonly name: string;
  readonly #prefix: string;
  #admin: Promise<Admin> | undefined;
  #closed = false;

  constructor(private readonly connection: KafkaConnection) {
    this.name = `kafka://${connection.brokers.join(',')}`;
    this.#prefix = connection.prefix ?? '';
  }

  /** A client of its own: consumers of one client share what they believe to be committed. */
  kafka(): Kafka {
    const { brokers, clientId = 'millrace', tls, sasl, socketFactory } = this.connection;
    return new Kafka({
      brokers: [...brokers],
      clientId,
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      retry: { initialRetryTime: FIRST_PAUSE_MS, maxRetryTime: LONGEST_PAUSE_MS, retries: 5 },
      logLevel: logLevel.NOTHING,
      ...(tls === undefined ? {} : { ssl: { ...tls, minVersion: 'TLSv1.2' } }),
      ...(sasl === undefined ? {} : { sasl: { ...sasl } as SASLOptions }),
      ...(socketFactory === undefined ? {} : { socketFactory }),
    });
  }

  /** The name of a topic or group in the cluster. */
  full(name: string): string {
    return this.#prefix + name;
  }

  /** The name without the prefix; undefined for what is not ours. */
  own(full: string): string | undefined {
    return full.startsWith(this.#prefix) && !full.startsWith('__') ? full.slice(this.#prefix.length) : undefined;
  }

  /** Asks the cluster, with a fresh connection after each failure; throws KAFKA_UNREACHABLE, KAFKA_UNTRUSTED or KAFKA_DENIED, or KAFKA_REFUSED with what it answered. Of topics that were made a broker may not have heard yet: then it is asked again. */
  async ask<T>(what: string, question: (admin: Admin) => Promise<T>, { made = false }: AskOptions = {}): Promise<T> {
    for (let attempt = 1, wait = FIRST_PAUSE_MS; ; attempt++, wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      if (this.#closed) throw errors.BUS_CLOSED({ file: this.name });
      this.#admin ??= this.#connect();
      const admin = this.#admin;
      try {
        return await question(await admin);
      } catch (error) {
        const isUnheard = made && attempt < ADMIN_TRIES && typeOf(error) === UNKNOWN_TOPIC;
        if (error instanceof Error && isFinal(error) && !isUnheard) throw errors.KAFKA_REFUSED({ brokers: this.name, what, detail: typeOf(error) }, { cause: error });
        if (this.#admin === admin) this.#admin = undefined;
        void admin.then((it) => it.disconnect()).catch(() => {});
        if (attempt === ADMIN_TRIES || accessError(this.name, what, error)) throw this.unreachable(what, error);
      }
      await sleep(wait, undefined, { ref: false });
    }
  }

  unreachable(what: string, cause: unknown): Error {
    const detail = cause instanceof Error ? cause.message : String(cause);
    // A broker that takes TLS only ends whatever does not speak it.
    const hint = this.connection.tls === undefined && CLOSED.test(detail) ? `${detail}; if it takes TLS only, set MILLRACE_KAFKA_TLS=on` : detail;
    return accessError(this.name, what, cause) ?? errors.KAFKA_UNREACHABLE({ brokers: this.name, what, detail: hint }, { cause });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#admin?.then((admin) => admin.disconnect()).catch(() => {});
  }

  async #connect(): Promise<Admin> {
    const admin = this.kafka().admin();
    await admin.connect();
    return admin;
  }
}

/** What Kafka itself called the fault that lies behind an error, or its message. */
export function typeOf(error: unknown): string {
  const { type, message, cause, errors: parts } = error as { readonly type?: string; readonly message?: string; readonly cause?: unknown; readonly errors?: readonly unknown[] };
  if (type !== undefined) return type;
  if (parts?.[0] !== undefined) return typeOf(parts[0]);
  return cause === undefined || cause === error ? (message ?? String(error)) : typeOf(cause);
}

/** Whether Kafka has refused for good. */
export const isFinal = (error: unknown): boolean => FINAL.has(typeOf(error));

/** Whether the cluster says that there is no such topic. */
export const isUnknownTopic = (error: unknown): boolean => isError(error, EVENTS_DOMAIN, 'KAFKA_REFUSED') && error.metadata['detail'] === UNKNOWN_TOPIC;
