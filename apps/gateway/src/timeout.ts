import { errors } from './errors.js';

/** How long a call may take where its caller says nothing. */
const DEFAULT_MS = 30_000;
/** The longest that a caller may ask for: ten minutes. */
const MOST_SECONDS = 600;

/** The milliseconds that a call may take, from X-Server-Timeout in seconds. */
export function timeoutMs(header: string | readonly string[] | undefined): number {
  if (header === undefined) return DEFAULT_MS;
  const seconds = typeof header === 'string' && /^\d{1,4}(\.\d{1,3})?$/.test(header) ? Number(header) : Number.NaN;
  if (!(seconds > 0 && seconds <= MOST_SECONDS)) throw errors.TIMEOUT_INVALID({ given: String(header), most: String(MOST_SECONDS) });
  return seconds * 1_000;
}
