import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord } from '@millrace/core';
import { type BusHooks, DEAD_LETTER_SUFFIX, DEFAULT_RETRY, type StoredRecord, type SubscribeOptions } from './bus.js';
import { received, toDeadLetter } from './dead-letter.js';

/** What a delivery needs to know of its subscription; `bury` makes the dead letters durable. */
export interface DeliveryContext {
  readonly options: SubscribeOptions;
  readonly hooks: BusHooks;
  readonly signal: AbortSignal;
  readonly bury: (letters: readonly EventRecord[]) => Promise<void>;
}

/**
 * Calls the handler until the record is done with, by its effect or as a dead letter; false when the signal comes first.
 * Who fails on a dead letter leaves it where it lies; a letter that is tried again is one to the group that failed, and nothing to the others. Rejects only when the dead letter cannot be written.
 */
export async function deliver(stored: StoredRecord, { options, hooks, signal, bury }: DeliveryContext): Promise<boolean> {
  const { group, handler } = options;
  const own = received(stored, group);
  if (!own) return true;
  const { record, retries } = own;
  const retry = { ...DEFAULT_RETRY, ...options.retry };
  let wait = retry.firstPauseMs;
  for (let attempt = 1; ; attempt++) {
    try {
      await handler(record, { group, attempt, signal });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!isRetryable(error) || attempt >= retry.attempts) {
        await bury(record.topic.endsWith(DEAD_LETTER_SUFFIX) ? [] : [toDeadLetter(record, { group, attempts: attempt, error, retries })]);
        hooks.onDeadLetter?.({ group, record, error });
        return true;
      }
      hooks.onRetry?.({ group, record, attempt, error });
      await pause(wait, signal);
      if (signal.aborted) return false;
      wait = Math.min(wait * 2, retry.longestPauseMs);
    }
  }
}

/** Waits for so long, or until the signal comes. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}

/** Beside what says so by itself: a handler reads anew whatever others have changed meanwhile, and who was too slow to answer may be in time again. */
const PASSING: ReadonlySet<unknown> = new Set(['ABORTED', 'DEADLINE_EXCEEDED']);

/** Whether the same record may simply be handled again. */
function isRetryable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { retryable, code } = error as { readonly retryable?: unknown; readonly code?: unknown };
  return retryable === true || PASSING.has(code);
}
