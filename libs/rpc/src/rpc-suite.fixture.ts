import { once } from 'node:events';
import { defineErrors } from '@millrace/core';
import { vi } from 'vitest';
import type { Call, Client, RpcHostOptions } from './index.js';
import type { Point, ProbeDefinition, ProbeHandlers } from './probe.fixture.js';

/** A served probe and a client of it. */
export interface Probe {
  readonly client: Client<typeof ProbeDefinition>;
  /** Refuses new calls and waits for those under way, as long as it takes. */
  drain(): Promise<void>;
  close(): Promise<void>;
}
export type OpenProbe = (handlers: ProbeHandlers, options: RpcHostOptions) => Promise<Probe>;

/** Opens a probe with these handlers, and gives a client of it. */
export type OpenClient = (handlers?: Partial<ProbeHandlers>, options?: RpcHostOptions) => Promise<Client<typeof ProbeDefinition>>;

/** Patience for a busy machine; nothing waits so long where all is well. */
export const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });

/** What handlers of the probe throw. */
export const errors = defineErrors('probe.millrace', {
  SOLD_OUT: { code: 'FAILED_PRECONDITION', message: 'Seat {seat} is sold; choose another.' },
  AWAY: { code: 'UNAVAILABLE', message: 'The clerk is away; ask again.' },
  FORBIDDEN: { code: 'PERMISSION_DENIED', message: 'Not for {who}.' },
});

/** Short, but long enough for a call to arrive. */
export const SHORT_MS = 400;

/** All of a stream. */
export async function collect(points: AsyncIterable<Point>): Promise<readonly Point[]> {
  const all: Point[] = [];
  for await (const given of points) all.push(given);
  return all;
}

/** Waits until the call has no caller any more, and fails. */
export async function untilAborted({ signal }: Pick<Call, 'signal'>): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw errors.AWAY({});
}
