import type { AppError } from '@millrace/core';
import { boundsOf } from './call-scope.js';
import type { Call, CallOptions, Client, Definition, Method } from './definition.js';
import { errors } from './errors.js';
import { observeAll, type ObservedCall, type Observer } from './observer.js';
import { DEFAULT_DEADLINE_MS, STREAM_DEADLINE_MS } from './rpc-client.js';
import type { ServedMethod } from './served.js';
import { toAppError } from './status.js';

/** A client that calls handlers of this process: same observers, deadlines, cancellation and errors as over gRPC, but no encoding. */
export function inProcessClient<D extends Definition>(definition: D, find: (key: string) => ServedMethod, observers: readonly Observer[]): Client<D> {
  const methods = Object.entries(definition.methods).map(([key, method]) => {
    const begin = (request: unknown, options: CallOptions = {}) => {
      const metadata = { ...options.metadata };
      const message = method.requestStream ? undefined : method.requestType.fromPartial(request as never);
      const limit = new Limit(method, options, metadata);
      const observed = observeAll(observers, { service: definition.fullName, method: method.name, side: 'client', transport: 'in-process' }, metadata);
      const input = method.requestStream ? filled(request as AsyncIterable<unknown>, method, limit) : message;
      const start = (): unknown => {
        limit.call.signal.throwIfAborted();
        return find(key)(input, limit.call, 'in-process');
      };
      return { observed, limit, start };
    };
    return [
      key,
      method.responseStream
        ? (request: unknown, options?: CallOptions) => readAll(() => begin(request, options))
        : async (request: unknown, options?: CallOptions) => {
            const { observed, limit, start } = begin(request, options);
            return finish(observed, limit, () => observed.run(() => limit.race(start() as Promise<unknown>)));
          },
    ] as const;
  });
  return Object.fromEntries(methods) as unknown as Client<D>;
}

interface Begun {
  readonly observed: ObservedCall;
  readonly limit: Limit;
  readonly start: () => unknown;
}

async function finish<T>(observed: ObservedCall, limit: Limit, work: () => Promise<T>): Promise<T> {
  try {
    const value = await work();
    observed.end(undefined);
    return value;
  } catch (error) {
    observed.end(toAppError(error));
    throw error;
  } finally {
    limit.end();
  }
}

/** Reads a call with many answers; a reader that leaves ends it. */
async function* readAll(begin: () => Begun): AsyncGenerator<unknown> {
  const { observed, limit, start } = begin();
  let iterator: AsyncIterator<unknown> | undefined;
  let failure: AppError | undefined;
  let done = false;
  try {
    iterator = observed.run(() => (start() as AsyncIterable<unknown>)[Symbol.asyncIterator]());
    for (;;) {
      const step = await observed.run(() => limit.race((iterator as AsyncIterator<unknown>).next()));
      done = step.done === true;
      if (done) return;
      yield step.value;
    }
  } catch (error) {
    failure = toAppError(error);
    throw error;
  } finally {
    if (!done && !failure) limit.cancel();
    limit.end();
    // Whoever has left does not wait for the handler, nor hears how it ends.
    void iterator?.return?.().catch(() => undefined);
    observed.end(failure);
  }
}

/** The deadline, the signals and the source of one call, as one. */
class Limit {
  readonly call: Call;
  readonly #method: string;
  readonly #controller = new AbortController();
  readonly #stopped = Promise.withResolvers<never>();
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly cancel = (): void => this.stop(errors.CANCELLED({ method: this.#method }));

  constructor({ name, requestStream, responseStream }: Method, options: CallOptions, metadata: Readonly<Record<string, string>>) {
    const { ms, signal } = boundsOf(options, options.deadlineMs ?? (requestStream || responseStream ? STREAM_DEADLINE_MS : DEFAULT_DEADLINE_MS));
    this.#method = name;
    this.#signal = signal;
    this.#stopped.promise.catch(() => undefined);
    this.call = { signal: this.#controller.signal, deadline: new Date(Date.now() + ms), metadata };
    const late = (): void => this.stop(errors.DEADLINE_EXCEEDED({ method: name }));
    if (signal?.aborted) this.cancel();
    else if (ms <= 0) late();
    else {
      this.#timer = setTimeout(late, Math.min(ms, MAX_TIMER_MS));
      signal?.addEventListener('abort', this.cancel, { once: true });
    }
  }

  /** Ends the call for the caller with `error`, and tells the handler. */
  stop(error: unknown, told: unknown = error): void {
    this.#controller.abort(told);
    this.#stopped.reject(error);
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stopped.promise]);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.cancel);
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a caller streams, as the handler reads it; what the caller's own code throws ends the call and is the caller's to hear, as it is. */
async function* filled(requests: AsyncIterable<unknown> | Iterable<unknown>, { name, requestType }: Method, limit: Limit): AsyncGenerator<unknown> {
  try {
    for await (const request of requests) yield requestType.fromPartial(request as never);
  } catch (error) {
    const gone = errors.CANCELLED({ method: name }, { cause: error });
    limit.stop(error, gone);
    throw gone;
  }
}
