import { type Code, type FieldViolation, MillraceError } from './millrace-error.js';

/** What stands for an answer that does not say a code itself, such as that of a proxy. */
const CODES: Readonly<Record<number, Code>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 409: 'ABORTED', 412: 'ABORTED', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 501: 'UNIMPLEMENTED', 502: 'UNAVAILABLE', 503: 'UNAVAILABLE', 504: 'UNAVAILABLE' };

interface Detail {
  readonly '@type'?: string;
  readonly reason?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly Partial<FieldViolation>[];
}

interface Body {
  readonly error?: { readonly status?: Code; readonly message?: string; readonly details?: readonly Detail[] };
}

/** The error that an answer holds. */
export async function errorOf(response: Response): Promise<MillraceError> {
  const text = await response.text();
  return errorFrom(text, { status: response.status, retryAfterMs: retryAfterMs(response.headers.get('retry-after')) });
}

/** The error of a body in the form of google.rpc.Status over HTTP (AIP-193), or what its status alone says. */
export function errorFrom(text: string, { status, retryAfterMs: after }: { readonly status?: number; readonly retryAfterMs?: number | undefined }): MillraceError {
  const { error } = parse(text);
  const details = error?.details ?? [];
  const info = details.find(({ reason }) => reason !== undefined);
  const metadata = info?.metadata ?? {};
  const message = error?.message ?? `The server answered ${status ?? 'with a failure'}.`;
  const listed = details.flatMap(({ fieldViolations = [] }) => fieldViolations.map(({ field = '', description = '' }) => ({ field, description })));
  const { field } = metadata;
  return new MillraceError(message, {
    code: error?.status ?? CODES[status ?? 0] ?? 'UNKNOWN',
    reason: info?.reason ?? `HTTP_${status ?? 'FAILURE'}`,
    ...(info?.domain === undefined ? {} : { domain: info.domain }),
    metadata,
    fields: listed.length > 0 || field === undefined ? listed : [{ field, description: metadata['why'] ?? message }],
    status,
    retryAfterMs: after,
  });
}

/** Retry-After in milliseconds from now: seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function parse(text: string): Body {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    // A page of a proxy: its status says what there is to say.
    return {};
  }
}
