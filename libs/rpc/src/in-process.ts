import type { AppError } from '@millrace/core';
import type { Call, CallOptions, Client, Definition, Method } from './definition.js';
import { errors } from './errors.js';
import { observeAll, type Observer } from './observer.js';
import { DEFAULT_DEADLINE_MS } from './rpc-client.js';
import type { ServedMethod } from './served.js';
import { toAppError } from './status.js';

const STREAM_DEADLINE_MS = 24 * 3_600_000;

/** A client that calls handlers of this process: same observers, deadlines, cancellation and errors as over gRPC, but no encoding. */
export function inProcessClient<D extends Definition>(definition: D, find: (key: string) => ServedMethod, observers: readonly Observer[]): Client<D> {
  const methods = Object.entries(definition.methods).map(([key, method]) => {
    const begin = (options: CallOptions = {}) => {
      const metadata = { ...options.metadata };
      const observed = observeAll(observers, { service: definition.fullName, method: method.name, side: 'client', transport: 'in-process' }, metadata);
      const streams = method.requestStream || method.responseStream;
      return { observed, limit: limitOf(method, { ...options, deadlineMs: options.deadlineMs ?? (streams ? STREAM_DEADLINE_MS : DEFAULT_DEADLINE_MS) }, metadata) };
    };
    const input = (request: unknown): unknown => (method.requestStream ? filled(request as AsyncIterable<unknown>, method) : method.requestType.fromPartial(request as never));
    if (method.responseStream) {
      return [
        key,
        async function* (request: unknown, options?: CallOptions) {
          const { observed, limit } = begin(options);
          let failure: AppError | undefined;
          const iterator = observed.run(() => (find(key)(input(request), limit.call, 'in-process') as AsyncIterable<unknown>)[Symbol.asyncIterator]());
          try {
            for (let step = await observed.run(() => limit.race(iterator.next())); !step.done; step = await observed.run(() => limit.race(iterator.next()))) yield step.value;
          } catch (error) {
            failure = toAppError(error);
            throw failure;
          } finally {
            limit.end();
            void iterator.return?.().catch(() => undefined);
            observed.end(failure);
          }
        },
      ] as const;
    }
    return [
      key,
      async (request: unknown, options?: CallOptions) => {
        const { observed, limit } = begin(options);
        try {
          const value = await observed.run(() => limit.race(find(key)(input(request), limit.call, 'in-process') as Promise<unknown>));
          observed.end(undefined);
          return value;
        } catch (error) {
          const failure = toAppError(error);
          observed.end(failure);
          throw failure;
        } finally {
          limit.end();
        }
      },
    ] as const;
  });
  return Object.fromEntries(methods) as unknown as Client<D>;
}

/** The deadline and the caller's signal of one call, as one. */
function limitOf(method: Method, { deadlineMs, signal }: CallOptions & { readonly deadlineMs: number }, metadata: Readonly<Record<string, string>>) {
  const controller = new AbortController();
  let stop: (error: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => (stop = reject));
  stopped.catch(() => undefined);
  const end = (error: AppError): void => {
    controller.abort(error);
    stop(error);
  };
  const timer = setTimeout(() => end(errors.DEADLINE_EXCEEDED({ method: method.name })), Math.min(deadlineMs, 2 ** 31 - 1));
  const onAbort = (): void => end(errors.CANCELLED({ method: method.name }));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  const call: Call = { signal: controller.signal, deadline: new Date(Date.now() + deadlineMs), metadata };
  return {
    call,
    race: <T>(work: Promise<T>): Promise<T> => Promise.race([work, stopped]),
    end: (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

async function* filled(requests: AsyncIterable<unknown> | Iterable<unknown>, { requestType }: Method): AsyncGenerator<unknown> {
  for await (const request of requests) yield requestType.fromPartial(request as never);
}
