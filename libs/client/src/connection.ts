import { errorOf } from './error-body.js';
import type { HttpRequest } from './http-request.js';
import { MillraceError } from './millrace-error.js';
import { DEFAULT_RETRY, pauseMs, type RetryPolicy, sleep } from './retry.js';

/** What a client is made with. */
export interface ClientOptions {
  /** Where the gateway is, such as http://127.0.0.1:4300; empty in a page that comes from there. */
  readonly baseUrl: string;
  /** In place of the one of the platform. */
  readonly fetch?: typeof fetch;
  /** For every request; a function is asked before each, so that a token can be renewed. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);
  /** False for one attempt only. */
  readonly retry?: Partial<RetryPolicy> | false;
  /** How long a call may take, with its repetitions: 30 seconds if nobody says. */
  readonly timeoutMs?: number;
}

/** What may be said for one call. */
export interface CallOptions {
  /** Ends the call; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** How long this call may take, with its repetitions; of a stream, how long it may be silent. */
  readonly timeoutMs?: number;
  /** What the call is known by, where the contract has a request_id: two calls of one key are done once. Made anew for each call if nobody says. */
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** The most that a server may be asked for. */
const MOST_SECONDS = 600;

/** Sends requests to one gateway. */
export class Connection {
  readonly retry: RetryPolicy;
  readonly #base: string;
  readonly #fetch: typeof fetch;

  constructor(private readonly options: ClientOptions) {
    this.#base = options.baseUrl.replace(/\/+$/, '');
    // A browser's fetch must be called on its window.
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.retry = options.retry === false ? { ...DEFAULT_RETRY, attempts: 1 } : { ...DEFAULT_RETRY, ...options.retry };
  }

  /** The answer as JSON; asked again where that is safe. */
  async ask(request: HttpRequest, { signal, timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS, idempotencyKey, headers }: CallOptions): Promise<unknown> {
    const end = Date.now() + timeoutMs;
    const late = AbortSignal.timeout(timeoutMs);
    const either = signal ? AbortSignal.any([signal, late]) : late;
    // One key for all attempts: that is what makes them one call.
    const key = request.wantsKey ? { 'idempotency-key': idempotencyKey ?? randomKey() } : {};
    for (let failed = 1, pause: number | undefined = 0; ; failed++) {
      try {
        if (pause > 0) await sleep(pause, either);
        const response = await this.send(request, { signal: either, headers: { ...key, 'x-server-timeout': secondsLeft(end), ...headers } });
        return parse(await reading(response.text(), either));
      } catch (error) {
        if (late.aborted) throw timedOut(timeoutMs, error);
        pause = request.repeatable && error instanceof MillraceError ? pauseMs(error, failed, this.retry) : undefined;
        // Who cannot be asked again in time hears what failed, which says more than that time is up.
        if (pause === undefined || Date.now() + pause >= end) throw error;
      }
    }
  }

  /** One attempt: an answer that is good, or the error that it holds. */
  async send({ verb, path, body }: HttpRequest, { signal, headers }: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> }): Promise<Response> {
    const own = this.options.headers;
    const common = typeof own === 'function' ? await own() : own;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const init = { method: verb, headers: { accept: 'application/json', ...type, ...common, ...headers }, signal, ...(body === undefined ? {} : { body }) };
    const response = await reading(this.#fetch(this.#base + path, init), signal);
    if (!response.ok) throw await reading(errorOf(response), signal);
    return response;
  }
}

/** Names what the network did; an abort stays what it is. */
export async function reading<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    signal.throwIfAborted();
    throw new MillraceError(`There was no whole answer: ${cause instanceof Error ? cause.message : String(cause)}.`, { code: 'UNAVAILABLE', reason: 'NO_ANSWER' }, { cause });
  }
}

/** A whole answer of another kind comes from somebody else, who would say the same again. */
export const noGateway = (wanted: string, options?: ErrorOptions): MillraceError => new MillraceError(`The answer is no ${wanted}: what answers there is no gateway of Millrace. Look at baseUrl.`, { code: 'FAILED_PRECONDITION', reason: 'NO_GATEWAY' }, options);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noGateway('JSON', { cause });
  }
}

const timedOut = (ms: number, cause: unknown): MillraceError => new MillraceError(`The call took longer than ${ms} ms.`, { code: 'DEADLINE_EXCEEDED', reason: 'TIMEOUT', metadata: { ms: String(ms) } }, { cause });

const secondsLeft = (end: number): string => Math.min(MOST_SECONDS, Math.max(1, end - Date.now()) / 1_000).toFixed(3);

/** 128 random bits; randomUUID is not there in pages without TLS. */
const randomKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
