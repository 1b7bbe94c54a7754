import type { MillraceError } from './millrace-error.js';

/** How a call is repeated. */
export interface RetryPolicy {
  /** At most so many, with the first. */
  readonly attempts: number;
  /** The longest pause before the second attempt; it doubles with each. */
  readonly firstMs: number;
  /** The longest pause of all. A server that asks for a longer one ends the call instead. */
  readonly mostMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, firstMs: 200, mostMs: 10_000 };

/**
 * How long to wait before the attempt after `failed` ones; undefined when the failure is to be told.
 * What is UNAVAILABLE is asked again, and what is RESOURCE_EXHAUSTED only where the server said when. The pause is drawn from all of its length (full jitter), and never shorter than Retry-After.
 */
export function pauseMs({ code, retryAfterMs }: MillraceError, failed: number, { attempts, firstMs, mostMs }: RetryPolicy): number | undefined {
  const again = code === 'UNAVAILABLE' || (code === 'RESOURCE_EXHAUSTED' && retryAfterMs !== undefined);
  if (!again || failed >= attempts || (retryAfterMs ?? 0) > mostMs) return undefined;
  return Math.max(retryAfterMs ?? 0, Math.random() * Math.min(mostMs, firstMs * 2 ** (failed - 1)));
}

/** Waits, or rejects with the reason of the signal. */
export const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const gone = (): void => {
      clearTimeout(timer);
      // The reason is the caller's own.
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', gone);
      resolve();
    }, ms);
    signal.addEventListener('abort', gone, { once: true });
  });
