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

/** Counts the calls in flight and refuses new ones once the server drains. */
export class InFlight {
  #count = 0;
  #draining = false;
  #idle: (() => void)[] = [];

  /** Calls within the process belong to a call or a task that was let in before: they may go on. */
  enter(transport: CallInfo['transport']): void {
    if (this.#draining && transport === 'grpc') throw errors.SHUTTING_DOWN({});
    this.#count++;
  }

  leave(): void {
    this.#count--;
    if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Refuses new calls; resolves when none is left, or after `ms`. */
  async drain(ms: number): Promise<void> {
    this.#draining = true;
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
    inFlight.enter(transport);
    const info: CallInfo = { service: definition.fullName, method: method.name, side: 'server', transport };
    const scope = callScope(call);
    const around = observeAll(observers, info, { ...call.metadata });
    const observed = { run: <T>(work: () => T): T => scope.run(() => around.run(work)) };
    const end = (error: unknown): AppError | undefined => {
      const failure = error === undefined ? undefined : toAppError(error);
      if (failure?.code === 'INTERNAL') observed.run(() => onBug(error, info));
      scope.end();
      around.end(failure);
      inFlight.leave();
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
      const value = await observed.run(() => handler(input, call) as Promise<unknown>);
      end(undefined);
      return value;
    } catch (error) {
      throw end(error) ?? error;
    }
  };
}
