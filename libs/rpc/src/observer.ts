import type { AppError } from '@millrace/core';

/** Which call is under way, and on which side we stand. */
export interface CallInfo {
  readonly service: string;
  readonly method: string;
  readonly side: 'client' | 'server';
  readonly transport: 'grpc' | 'in-process';
}

/** One call as an observer follows it. */
export interface ObservedCall {
  /** Runs a piece of the call, such as its handler or one step of its stream, in the observer's context. */
  readonly run: <T>(work: () => T) => T;
  readonly end: (error: AppError | undefined) => void;
}

/** Follows calls: tracing, metrics, logs. A client's observer may add to the metadata that goes out. */
export interface Observer {
  begin(info: CallInfo, metadata: Record<string, string>): ObservedCall;
}

/** Says whether a call may be made; throws PERMISSION_DENIED or UNAUTHENTICATED. */
export type Authorize = (info: CallInfo, metadata: Readonly<Record<string, string>>) => Promise<void> | void;

/** Follows a call with several observers: the first is outermost. */
export function observeAll(observers: readonly Observer[], info: CallInfo, metadata: Record<string, string>): ObservedCall {
  const calls = observers.map((observer) => observer.begin(info, metadata));
  return {
    run: (work) => calls.reduceRight<() => unknown>((inner, call) => () => call.run(inner), work)() as ReturnType<typeof work>,
    end: (error) => calls.forEach((call) => call.end(error)),
  };
}
