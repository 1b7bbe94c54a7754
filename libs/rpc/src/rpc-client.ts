import { AppError } from '@millrace/core';
import { type ChannelOptions, type ClientDuplexStream, type ClientReadableStream, type ClientUnaryCall, type ClientWritableStream, makeGenericClientConstructor, Metadata, type ServiceError } from '@grpc/grpc-js';
import { handshakeFault, type TlsSource } from '@millrace/tls';
import { boundsOf } from './call-scope.js';
import type { CallOptions, Client, Definition, Method } from './definition.js';
import { toGrpc } from './definition.js';
import { errors, isRefusal } from './errors.js';
import { observeAll, type ObservedCall, type Observer } from './observer.js';
import { fromStatus, STRANGER, toAppError } from './status.js';
import { clientCredentials } from './tls-credentials.js';
import { targetOf } from './target.js';
import { tracing } from './tracing.js';

export const DEFAULT_DEADLINE_MS = 10_000;
/** Streams live as long as they are read. */
export const STREAM_DEADLINE_MS = 24 * 3_600_000;
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A connection with calls is asked so often whether it leads anywhere, and given up when nothing comes back: a cut line does not say so by itself, and a stream would wait on it for a day. */
export const KEEP_ALIVE: KeepAlive = { everyMs: 20_000, answerMs: 10_000 };

/** How a connection is watched. */
export interface KeepAlive {
  readonly everyMs: number;
  readonly answerMs: number;
}

/** How a client is connected. */
export interface ConnectOptions {
  readonly deadlineMs?: number;
  readonly observers?: readonly Observer[];
  /** Whom it trusts, and what it shows when it is asked; without it calls are not encrypted. */
  readonly tls?: TlsSource | undefined;
  readonly keepAlive?: KeepAlive;
}

/** A client with the very methods that the controller implements, of a service at one address or at several (see targetOf). Every call has a deadline. */
export function connect<D extends Definition>(definition: D, address: string, { deadlineMs = DEFAULT_DEADLINE_MS, observers = [tracing], tls, keepAlive = KEEP_ALIVE }: ConnectOptions = {}): Client<D> & { close(): void } {
  const Constructor = makeGenericClientConstructor(toGrpc(definition), definition.name);
  const { target, options: channel, attempts } = targetOf(address);
  const stub = new Constructor(target, clientCredentials(tls), { ...channel, ...keepAliveOptions(keepAlive), 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': MAX_MESSAGE_BYTES });
  const methods = Object.entries(definition.methods).map(([key, method]) => {
    const begin: Begin = (options = {}) => {
      const metadata = { ...options.metadata };
      const { ms, signal } = boundsOf(options, options.deadlineMs ?? (method.requestStream || method.responseStream ? Math.max(deadlineMs, STREAM_DEADLINE_MS) : deadlineMs));
      // Over a connection that is there already, a call that is over before it begins would still be made.
      if (signal?.aborted) throw errors.CANCELLED({ method: method.name });
      if (ms <= 0) throw errors.DEADLINE_EXCEEDED({ method: method.name });
      const observed = observeAll(observers, { service: definition.fullName, method: method.name, side: 'client', transport: 'grpc' }, metadata);
      return { method: method.name, address, observed, signal, head: [toMetadata(metadata), { deadline: Date.now() + ms }] };
    };
    const call: Stub = (...parts) => (stub[key] as unknown as Stub).apply(stub, parts);
    const caller = CALLERS[kindOf(method)](call, method, begin);
    return [key, kindOf(method) === 'unary' && attempts > 1 ? elsewhere(caller as Unary, { attempts, deadlineMs, reads: READS.test(method.name) }) : caller] as const;
  });
  return { ...Object.fromEntries(methods), close: () => stub.close() } as unknown as Client<D> & { close(): void };
}

/** How grpc-js takes it, for clients and servers alike. */
export const keepAliveOptions = ({ everyMs, answerMs }: KeepAlive): ChannelOptions => ({ 'grpc.keepalive_time_ms': everyMs, 'grpc.keepalive_timeout_ms': answerMs });

interface Begun {
  readonly method: string;
  readonly address: string;
  readonly observed: ObservedCall;
  readonly signal: AbortSignal | undefined;
  readonly head: readonly [Metadata, { readonly deadline: number }];
}
type Begin = (options?: CallOptions) => Begun;
type Stub = (...parts: unknown[]) => unknown;
type Requests = AsyncIterable<unknown> | Iterable<unknown>;
type WritingCall = ClientWritableStream<unknown> | ClientDuplexStream<unknown, unknown>;
type ReadingCall = ClientReadableStream<unknown> | ClientDuplexStream<unknown, unknown>;

const kindOf = ({ requestStream, responseStream }: Method) => (requestStream ? (responseStream ? 'bidi' : 'upload') : responseStream ? 'download' : 'unary');

/** Streams begin when they are read: one that nobody reads yet has no error that nobody hears. */
const CALLERS = {
  unary: (stub: Stub, { requestType }: Method, begin: Begin) => async (request: unknown, options?: CallOptions) => {
    const begun = begin(options);
    return settle(begun, (done) => stub(requestType.fromPartial(request as never), ...begun.head, done) as ClientUnaryCall);
  },
  download: (stub: Stub, { requestType }: Method, begin: Begin) =>
    async function* (request: unknown, options?: CallOptions) {
      const begun = begin(options);
      yield* readAll(begun, begun.observed.run(() => stub(requestType.fromPartial(request as never), ...begun.head)) as ClientReadableStream<unknown>);
    },
  upload: (stub: Stub, method: Method, begin: Begin) => async (requests: Requests, options?: CallOptions) => {
    const begun = begin(options);
    const source = new Source(requests, method);
    return settle(begun, (done) => source.writeTo(stub(...begun.head, done) as ClientWritableStream<unknown>), source);
  },
  bidi: (stub: Stub, method: Method, begin: Begin) =>
    async function* (requests: Requests, options?: CallOptions) {
      const begun = begin(options);
      const source = new Source(requests, method);
      yield* readAll(begun, source.writeTo(begun.observed.run(() => stub(...begun.head)) as ClientDuplexStream<unknown, unknown>), source);
    },
} as const;

type Unary = (request: unknown, options?: CallOptions) => Promise<unknown>;

/** Methods that change nothing, by the names that they have in every contract. */
const READS = /^(Get|List)[A-Z]/;

/** Asks another instance within the same deadline where one refuses because it shuts down, since it has not begun the call, and where one is away from a call that only reads: nothing is done twice. */
const elsewhere =
  (call: Unary, { attempts, deadlineMs, reads }: { readonly attempts: number; readonly deadlineMs: number; readonly reads: boolean }): Unary =>
  async (request, options) => {
    const end = Date.now() + (options?.deadlineMs ?? deadlineMs);
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(request, { ...options, deadlineMs: end - Date.now() });
      } catch (error) {
        const again = error instanceof AppError && (isRefusal(error) || (reads && error.code === 'UNAVAILABLE'));
        if (attempt === attempts || !again) throw error;
      }
    }
  };

/** Makes a call with one answer. */
function settle(begun: Begun, start: (done: (error: ServiceError | null, value: unknown) => void) => { cancel(): void }, source?: Source): Promise<unknown> {
  const { observed, signal } = begun;
  return observed.run(
    () =>
      new Promise((resolve, reject) => {
        const call = start((error, value) => {
          leave();
          const failure = source?.failure ?? (error ? { error: failureOf(error, begun) } : undefined);
          observed.end(failure && toAppError(failure.error));
          if (failure) reject(failure.error as Error);
          else resolve(value);
        });
        const leave = follow(signal, call);
      }),
  );
}

/** Reads a call with many answers; a reader that leaves ends it. */
async function* readAll(begun: Begun, call: ReadingCall, source?: Source): AsyncGenerator<unknown> {
  const { observed, signal } = begun;
  const leave = follow(signal, call);
  let failure: AppError | undefined;
  try {
    for await (const message of call) yield message;
  } catch (error) {
    const thrown = source?.failure?.error ?? failureOf(error, begun);
    failure = toAppError(thrown);
    throw thrown as Error;
  } finally {
    leave();
    call.cancel();
    observed.end(failure);
  }
}

/** Why a call failed: cancelled by nobody here, it was cut off by a server that went away; a handshake that failed says what is wrong with whom. */
function failureOf(error: unknown, { signal, method, address }: Begun): AppError {
  const failure = fromStatus(error);
  if (failure.domain !== STRANGER) return failure;
  if (failure.code === 'CANCELLED' && !signal?.aborted) return errors.CALL_CUT_OFF({ method }, { cause: error });
  if (failure.code !== 'UNAVAILABLE') return failure;
  const why = handshakeFault(failure.message);
  if (why !== undefined) return errors.PEER_NOT_TRUSTED({ method, address, why }, { cause: error });
  return CLOSED_UNSAID.test(failure.message) ? errors.CONNECTION_CLOSED({ method, address }, { cause: error }) : failure;
}

/** What grpc-js says when who listens ends the connection before it speaks HTTP/2, without a reason. */
const CLOSED_UNSAID = /Last error: (?:Failed to connect|null|Error: Socket closed|Socket closed)/;

/** What a caller streams: read as fast as the other side takes it, and no further than the call lasts. */
class Source {
  /** What the caller's own code threw; it is the caller's to hear, as it is. */
  failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly requests: Requests,
    private readonly method: Method,
  ) {}

  writeTo<C extends WritingCall>(call: C): C {
    this.#write(call).catch((error: unknown) => {
      this.failure = { error };
      call.cancel();
    });
    return call;
  }

  async #write(call: WritingCall): Promise<void> {
    let over = false;
    let wake = (): void => undefined;
    call.on('drain', () => wake());
    for (const end of ['status', 'error', 'close']) {
      call.on(end, () => {
        over = true;
        wake();
      });
    }
    for await (const request of this.requests) {
      if (over) return;
      if (call.write(this.method.requestType.fromPartial(request as never))) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (over) resolve();
      });
    }
    call.end();
  }
}

/** Cancels the call when the signal aborts; gives how to stop listening, because signals outlive calls. */
function follow(signal: AbortSignal | undefined, call: { cancel(): void }): () => void {
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return () => signal?.removeEventListener('abort', cancel);
}

function toMetadata(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}
