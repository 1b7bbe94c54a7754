/** One thing that can be done to a home: where, and with what. */
export interface Deed {
  readonly path: string;
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: Readonly<Record<string, unknown>>;
  /** The request may be told twice and is carried out once; for RPCs that have a request id. */
  readonly once?: boolean;
}

/** One thing that can be asked of a home: where, and how its answer is read. This file is the seam to a home: another client replaces it alone. */
export interface Call<T> {
  readonly path: string;
  /** What is asked, where an address cannot hold it; asking changes nothing. */
  readonly body?: Deed['body'];
  /** Its answer stays as it is: it is asked for once. */
  readonly still?: boolean;
  readonly read: (json: unknown) => T;
}

interface Reader<T> {
  readonly fromJSON: (json: unknown) => T;
}

/** A call by its address, and the message that answers it. */
export const call = <T>(path: string, { fromJSON }: Reader<T>): Call<T> => ({ path, read: fromJSON });
/** A call whose answer stays as it is, such as that for a version by its number. */
export const still = <T>(each: Call<T>): Call<T> => ({ ...each, still: true });
/** A call with a body. The body is a fragment of the path too, which tells the call from others and is never sent. */
export const question = <T>(path: string, body: Call<T>['body'], { fromJSON }: Reader<T>): Call<T> => ({ path: `${path}#${JSON.stringify(body)}`, body, read: fromJSON });
/** A filter of a list, as a part of its address. */
export const where = (filter: string): string => `filter=${encodeURIComponent(filter)}`;
/** A page of a list, as a part of its address; an empty token is the first. */
export const page = (token: string, size: number): string => `pageSize=${size}${token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`}`;

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
export const ask = async <T>({ path, body, read }: Call<T>): Promise<T> => read(await (body === undefined ? answerOf(path, { headers: { accept: 'application/json' } }) : send({ path, body })));

/** Tells a home to do something and gives its answer as JSON; throws a RestFailure that a person can read. */
export const send = ({ path, method = 'POST', body = {}, once = false }: Deed): Promise<unknown> =>
  answerOf(path, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...(once ? { 'idempotency-key': crypto.randomUUID() } : {}) },
    ...(method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
  });

async function answerOf(path: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(DEADLINE_MS) }).catch((cause: unknown) => {
    throw new RestFailure(0, 'UNAVAILABLE', cause instanceof DOMException && cause.name === 'TimeoutError' ? `${path} was not answered within ${DEADLINE_MS / 1_000} s.` : 'The home cannot be reached. Is it still running?');
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  return JSON.parse(text, duration) as unknown;
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
