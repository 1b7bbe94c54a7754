import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call, CallOptions } from './definition.js';

interface Scope {
  readonly call: Call;
  ended: boolean;
}
const scopes = new AsyncLocalStorage<Scope | undefined>();

/** Runs the pieces of a handler as parts of its call: until that has ended, calls that are made in there get its remaining time and its cancellation. */
export function callScope(call: Call) {
  const scope: Scope = { call, ended: false };
  return {
    run: <T>(work: () => T): T => scopes.run(scope, work),
    end: (): void => {
      scope.ended = true;
    },
  };
}

/** Runs work that belongs to no call, even where a call begins it: it goes on when that call has ended or its caller has gone. */
export const detached = <T>(work: () => T): T => scopes.run(undefined, work);

/** What bounds a call. */
export interface Bounds {
  /** Milliseconds that are left; not above 0 when the time is up already. */
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
}

/** The bounds of a call that is made now: its own, and those of the call that is being served around it. */
export function boundsOf({ signal }: CallOptions, ms: number): Bounds {
  const scope = scopes.getStore();
  if (!scope || scope.ended) return { ms, signal };
  const { call } = scope;
  return { ms: Math.min(ms, call.deadline.getTime() - Date.now()), signal: signal && signal !== call.signal ? AbortSignal.any([signal, call.signal]) : call.signal };
}
