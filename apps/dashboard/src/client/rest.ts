/** One thing that can be asked of a home: where, and how its answer is read. This file and `act.ts` are the seam to a home: another client replaces them alone. */
export interface Call<T> {
  readonly path: string;
  readonly read: (json: unknown) => T;
}

interface Reader<T> {
  readonly fromJSON: (json: unknown) => T;
}

/** A call by its address, and the message that answers it. */
export const call = <T>(path: string, { fromJSON }: Reader<T>): Call<T> => ({ path, read: fromJSON });
/** A filter of a list, as a part of its address. */
export const where = (filter: string): string => `filter=${encodeURIComponent(filter)}`;

/** An answer that is none: what the home said, or that it said nothing. */
export class RestFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** So long an answer may take. */
const DEADLINE_MS = 15_000;

/** Asks a home; throws a RestFailure that a person can read. */
export async function ask<T>({ path, read }: Call<T>): Promise<T> {
  const response = await fetch(path, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(DEADLINE_MS) }).catch((cause: unknown) => {
    throw new RestFailure(0, 'UNAVAILABLE', cause instanceof DOMException && cause.name === 'TimeoutError' ? `${path} was not answered within ${DEADLINE_MS / 1_000} s.` : 'The home cannot be reached. Is it still running?');
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  return read(JSON.parse(text, duration) as unknown);
}

function refusal(status: number, text: string): RestFailure {
  try {
    const { error } = JSON.parse(text) as { readonly error: { readonly status: string; readonly message: string } };
    return new RestFailure(status, error.status, error.message);
  } catch {
    return new RestFailure(status, 'UNKNOWN', `The home answered with ${status} and no reason.`);
  }
}

/** Fields that are spans of time. */
const SPANS: ReadonlySet<string> = new Set(['window', 'lateness', 'ttl', 'tile', 'delay', 'every']);

/** Spans of time are texts such as "604800s" in JSON, and messages in the contracts. */
function duration(key: string, value: unknown): unknown {
  return SPANS.has(key) && typeof value === 'string' && /^-?\d+(\.\d+)?s$/.test(value) ? { seconds: value.slice(0, -1).split('.')[0], nanos: 0 } : value;
}
