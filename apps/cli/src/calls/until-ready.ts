import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Resolves once a process says at /readyz that it is ready, or when the signal aborts. */
export async function untilReady(httpAddress: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ready = await fetch(`${httpAddress}/readyz`, { signal }).then(({ ok }) => ok, () => false);
    if (ready) return;
    await sleep(POLL_MS);
  }
}
