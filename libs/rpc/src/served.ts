import type { AppError } from '@millrace/core';
import { callScope } from './call-scope.js';
import type { Call, Definition, Method } from './definition.js';
import { errors } from './errors.js';
import { type Authorize, type CallInfo, observeAll, type Observer } from './observer.js';
import { toAppError } from './status.js';

/** What stands around every handler, whichever door a call came through. */
export interface Surroundings {
  readonly observers: readonly Observer[];
  readonly authorize: Authorize;
  /** Told of errors that are ours: bugs. */
  readonly onBug: (error: unknown, info: CallInfo) => void;
}

/** One method as it is served, whatever its kind: messages in, messages out. */
export type ServedMethod = (input: unknown, call: Call, transport: CallInfo['transport']) => Promise<unknown> | AsyncIterable<unknown>;

/** A message that came and is not of its type. */
export class Unreadable {
  constructor(private readonly cause: unknown) {}

  toError({ name }: Method): AppError {
    const { cause } = this;
    return errors.REQUEST_UNREADABLE({ method: name, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}

/** How long a stream of answers may go on once the server drains: who watches asks again elsewhere. */
const STREAMS_MS = 1_000;

/** One call that is under way. */
export interface Entered {
  leave(): void;
}

/** Knows the calls in flight from outside and refuses new ones once the server drains. Calls within the process belong to one of those, or to a task that its service ends. */
export class InFlight {
  readonly #answers = new Pending();
  readonly #streams = new Pending();
  #draining = false;

  enter(transport: CallInfo['transport'], { responseStream }: Pick<Method, 'responseStream'>): Entered {
    if (transport !== 'grpc') return { leave: () => undefined };
    if (this.#draining) throw errors.SHUTTING_DOWN({});
    return (responseStream ? this.#streams : this.#answers).enter();
  }

  /** Refuses new calls; resolves when none is left, or after `ms`, of which streams have at most a second. */
  async drain(ms: number): Promise<void> {
    this.#draining = true;
    await Promise.all([this.#answers.none(ms), this.#streams.none(Math.min(ms, STREAMS_MS))]);
  }
}

/** Counts what is under way. */
class Pending {
  #count = 0;
  #idle: (() => void)[] = [];

  enter(): Entered {
    this.#count++;
    return {
      leave: () => {
        this.#count--;
        if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
      },
    };
  }

  /** Resolves when nothing is left, or after `ms`. */
  async none(ms: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Puts observers, authorisation, counting and error mapping around one handler. */
export function serveMethod(definition: Definition, method: Method, { handler, inFlight, surroundings }: { handler: (input: unknown, call: Call) => unknown; inFlight: InFlight; surroundings: Surroundings }): ServedMethod {
  const { observers, authorize, onBug } = surroundings;
  const begin = (call: Call, transport: CallInfo['transport']) => {
    const entered = inFlight.enter(transport, method);
    const info: CallInfo = { service: definition.fullName, method: method.name, side: 'server', transport };
    const scope = callScope(call);
    const around = observeAll(observers, info, { ...call.metadata });
    const observed = { run: <T>(work: () => T): T => scope.run(() => around.run(work)) };
    const end = (error: unknown): AppError | undefined => {
      const failure = error === undefined ? undefined : toAppError(error);
      if (failure?.code === 'INTERNAL') observed.run(() => onBug(error, info));
      scope.end();
      around.end(failure);
      entered.leave();
      return failure;
    };
    return { info, observed, end };
  };
  if (method.responseStream) {
    return async function* (input, call, transport) {
      const { info, observed, end } = begin(call, transport);
      let failure: unknown;
      let iterator: AsyncIterator<unknown> | undefined;
      try {
        await authorize(info, call.metadata);
        if (input instanceof Unreadable) throw input.toError(method);
        iterator = observed.run(() => (handler(input, call) as AsyncIterable<unknown>)[Symbol.asyncIterator]());
        for (let step = await observed.run(() => iterator?.next()); step && !step.done; step = await observed.run(() => iterator?.next())) yield step.value;
        iterator = undefined;
      } catch (error) {
        iterator = undefined;
        failure = error;
        throw toAppError(error);
      } finally {
        try {
          await iterator?.return?.();
        } catch (error) {
          failure = error;
        } finally {
          end(failure);
        }
      }
    };
  }
  return async (input, call, transport) => {
    const { info, observed, end } = begin(call, transport);
    try {
      await authorize(info, call.metadata);
      if (input instanceof Unreadable) throw input.toError(method);
      const value = await observed.run(() => handler(input, call) as Promise<unknown>);
      end(undefined);
      return value;
    } catch (error) {
      throw end(error) ?? error;
    }
  };
}
