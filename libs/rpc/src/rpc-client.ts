import { type ClientDuplexStream, type ClientReadableStream, type ClientWritableStream, credentials, makeGenericClientConstructor, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { CallOptions, Client, Definition, Method } from './definition.js';
import { toGrpc } from './definition.js';
import { observeAll, type ObservedCall, type Observer } from './observer.js';
import { fromStatus } from './status.js';
import { tracing } from './tracing.js';

export const DEFAULT_DEADLINE_MS = 10_000;
/** Streams live as long as they are read. */
const STREAM_DEADLINE_MS = 24 * 3_600_000;
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** How a client is connected. */
export interface ConnectOptions {
  readonly deadlineMs?: number;
  readonly observers?: readonly Observer[];
}

/** A client with the very methods that the controller implements. Every call has a deadline. */
export function connect<D extends Definition>(definition: D, address: string, { deadlineMs = DEFAULT_DEADLINE_MS, observers = [tracing] }: ConnectOptions = {}): Client<D> & { close(): void } {
  const Constructor = makeGenericClientConstructor(toGrpc(definition), definition.name);
  const stub = new Constructor(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': MAX_MESSAGE_BYTES });
  const methods = Object.entries(definition.methods).map(([key, method]) => {
    const begin = (options: CallOptions = {}) => {
      const metadata = { ...options.metadata };
      const observed = observeAll(observers, { service: definition.fullName, method: method.name, side: 'client', transport: 'grpc' }, metadata);
      const limit = options.deadlineMs ?? (method.requestStream || method.responseStream ? Math.max(deadlineMs, STREAM_DEADLINE_MS) : deadlineMs);
      return { observed, metadata: toMetadata(metadata), deadline: { deadline: Date.now() + limit }, signal: options.signal };
    };
    return [key, CALLERS[kindOf(method)]((...parts: unknown[]) => (stub[key] as unknown as (...args: unknown[]) => unknown).apply(stub, parts), method, begin)] as const;
  });
  return { ...Object.fromEntries(methods), close: () => stub.close() } as unknown as Client<D> & { close(): void };
}

type Begin = (options?: CallOptions) => { observed: ObservedCall; metadata: Metadata; deadline: { deadline: number }; signal: AbortSignal | undefined };
type Stub = (...parts: unknown[]) => unknown;
type Cancellable = { cancel(): void };

const kindOf = ({ requestStream, responseStream }: Method) => (requestStream ? (responseStream ? 'bidi' : 'upload') : responseStream ? 'download' : 'unary');

const CALLERS = {
  unary: (stub: Stub, { requestType }: Method, begin: Begin) => (request: unknown, options?: CallOptions) => {
    const { observed, metadata, deadline, signal } = begin(options);
    return observed.run(
      () =>
        new Promise((resolve, reject) => {
          const done = settle(observed, resolve, reject);
          const call = stub(requestType.fromPartial(request as never), metadata, deadline, done) as Cancellable;
          follow(signal, call);
        }),
    );
  },
  download: (stub: Stub, { requestType }: Method, begin: Begin) => (request: unknown, options?: CallOptions) => {
    const { observed, metadata, deadline, signal } = begin(options);
    const call = observed.run(() => stub(requestType.fromPartial(request as never), metadata, deadline)) as ClientReadableStream<unknown>;
    follow(signal, call);
    return readAll(call, observed);
  },
  upload: (stub: Stub, { requestType }: Method, begin: Begin) => (requests: AsyncIterable<unknown> | Iterable<unknown>, options?: CallOptions) => {
    const { observed, metadata, deadline, signal } = begin(options);
    return observed.run(
      () =>
        new Promise((resolve, reject) => {
          const call = stub(metadata, deadline, settle(observed, resolve, reject)) as ClientWritableStream<unknown>;
          follow(signal, call);
          writeAll(call, requests, requestType).catch((error: unknown) => {
            call.cancel();
            reject(fromStatus(error));
          });
        }),
    );
  },
  bidi: (stub: Stub, { requestType }: Method, begin: Begin) => (requests: AsyncIterable<unknown> | Iterable<unknown>, options?: CallOptions) => {
    const { observed, metadata, deadline, signal } = begin(options);
    const call = observed.run(() => stub(metadata, deadline)) as ClientDuplexStream<unknown, unknown>;
    follow(signal, call);
    writeAll(call, requests, requestType).catch(() => call.cancel());
    return readAll(call, observed);
  },
} as const;

const settle = (observed: ObservedCall, resolve: (value: unknown) => void, reject: (error: unknown) => void) => (error: ServiceError | null, value: unknown) => {
  const failure = error ? fromStatus(error) : undefined;
  observed.end(failure);
  if (failure) reject(failure);
  else resolve(value);
};

async function* readAll(call: ClientReadableStream<unknown> | ClientDuplexStream<unknown, unknown>, observed: ObservedCall): AsyncGenerator<unknown> {
  let failure: ReturnType<typeof fromStatus> | undefined;
  try {
    for await (const message of call) yield message;
  } catch (error) {
    failure = fromStatus(error);
    throw failure;
  } finally {
    call.cancel();
    observed.end(failure);
  }
}

/** Writes as fast as the other side reads. */
async function writeAll(call: ClientWritableStream<unknown> | ClientDuplexStream<unknown, unknown>, requests: AsyncIterable<unknown> | Iterable<unknown>, { fromPartial }: Method['requestType']): Promise<void> {
  for await (const request of requests) {
    if (call.destroyed || call.writableEnded) return;
    if (!call.write(fromPartial(request as never))) await new Promise<void>((resolve) => ['drain', 'close', 'error', 'finish'].forEach((event) => call.once(event, () => resolve())));
  }
  call.end();
}

function follow(signal: AbortSignal | undefined, call: Cancellable): void {
  if (signal?.aborted) call.cancel();
  else signal?.addEventListener('abort', () => call.cancel(), { once: true });
}

function toMetadata(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}
