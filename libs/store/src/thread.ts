import { parentPort, type Transferable, Worker } from 'node:worker_threads';
import { errors } from './errors.js';

/** What a failed call carries across the thread boundary; `errcode` is SQLite's extended result code. */
export interface ThreadFault {
  readonly message: string;
  readonly stack: string;
  readonly errcode?: number;
  readonly detail?: Readonly<Record<string, string>>;
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly args: unknown;
}
type Reply = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly fault: ThreadFault };
interface Waiter {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly toError: (fault: ThreadFault) => Error;
}

/**
 * A worker thread that answers calls in the order they were made.
 * It keeps the process alive only while a call is under way; when it dies, every waiting and later call rejects with THREAD_LOST.
 */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiter>();
  #next = 0;
  #lost: Error | undefined;
  #closing = false;

  constructor(entry: URL, private readonly name: string) {
    // No inherited flags: the conditions and loaders of a test runner do not hold inside.
    this.#worker = new Worker(entry, { name, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('messageerror', (error) => this.#lose(error.message, error));
    this.#worker.on('error', (error) => this.#lose(error.message, error));
    this.#worker.on('exit', (code) => this.#lose(this.#closing ? 'it was closed' : `exit code ${code}`));
  }

  /** Runs one handler of the thread and gives its result; faults become errors by `toError`. */
  call<T>(method: string, args: unknown, options: { readonly transfer?: readonly Transferable[]; readonly toError?: (fault: ThreadFault) => Error } = {}): Promise<T> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = this.#next++;
    if (this.#waiting.size === 0) this.#worker.ref();
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, toError: options.toError ?? faultError });
    });
    this.#worker.postMessage({ id, method, args } satisfies Request, options.transfer ?? []);
    return answer;
  }

  /** Whether the thread can still be called. */
  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Ends the thread; calls still under way reject. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    const waiter = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (!waiter) return;
    if ('fault' in reply) waiter.reject(waiter.toError(reply.fault));
    else waiter.resolve(reply.result as never);
  }

  #lose(detail: string, cause?: Error): void {
    this.#lost ??= errors.THREAD_LOST({ name: this.name, detail }, { cause });
    for (const waiter of this.#waiting.values()) waiter.reject(this.#lost);
    this.#waiting.clear();
  }
}

/** One thread for all who borrow it, started for the first and ended after the last; a lost one is replaced for the next borrower. */
export class SharedThread {
  #current: Thread | undefined;
  readonly #users = new Map<Thread, number>();

  constructor(private readonly entry: URL, private readonly name: string) {}

  borrow(): Thread {
    if (!this.#current?.alive) this.#current = new Thread(this.entry, this.name);
    this.#users.set(this.#current, (this.#users.get(this.#current) ?? 0) + 1);
    return this.#current;
  }

  /** Gives a borrowed thread back; resolves when it needed ending and has ended. */
  async giveBack(thread: Thread): Promise<void> {
    const users = (this.#users.get(thread) ?? 1) - 1;
    this.#users.set(thread, users);
    if (users > 0) return;
    this.#users.delete(thread);
    if (this.#current === thread) this.#current = undefined;
    await thread.close();
  }
}

/** A result whose buffers move to the caller instead of being copied. */
export class Moved {
  constructor(readonly value: unknown, readonly buffers: readonly Transferable[]) {}
}

/** Answers the calls of a Thread, one after the other; runs inside the worker. */
export function serveThread(handlers: Readonly<Record<string, (args: never) => unknown>>): void {
  const port = parentPort;
  if (!port) throw new Error('serveThread runs only in a worker thread.');
  port.on('message', ({ id, method, args }: Request) => {
    try {
      const handler = handlers[method];
      if (!handler) throw new Error(`The thread has no handler "${method}".`);
      const result = handler(args as never);
      if (result instanceof Moved) port.postMessage({ id, result: result.value }, result.buffers);
      else port.postMessage({ id, result });
    } catch (error) {
      port.postMessage({ id, fault: toFault(error) });
    }
  });
}

function toFault(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { message: String(error), stack: '' };
  const { errcode, detail } = error as { errcode?: number; detail?: Record<string, string> };
  return { message: error.message, stack: error.stack ?? '', ...(errcode === undefined ? {} : { errcode }), ...(detail === undefined ? {} : { detail }) };
}

/** The error of a fault as it was raised inside the thread. */
export function faultError(fault: ThreadFault): Error {
  const error = new Error(fault.message);
  error.stack = fault.stack;
  return error;
}
