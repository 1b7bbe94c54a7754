import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isError } from '@millrace/core';
import { STORE_DOMAIN } from '@millrace/store';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** How often something is asked for that another service could not give for the moment. */
const MAX_ASKED = 8;

/** Asks again while the fault may pass: another service may be starting anew, and a job need not fail for that. */
export async function patiently<T>(ask: () => Promise<T>, stop: AbortSignal): Promise<T> {
  for (let asked = 1, pause = FIRST_PAUSE_MS; ; asked++, pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (asked >= MAX_ASKED || stop.aborted || !(error instanceof AppError && (error.retryable || error.code === 'DEADLINE_EXCEEDED')) || isError(error, STORE_DOMAIN, 'STORE_CLOSED')) throw error;
      await sleep(pause, undefined, { ref: false });
    }
  }
}
