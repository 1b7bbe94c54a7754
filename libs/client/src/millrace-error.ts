/** What a caller should do about an error: a code of gRPC. */
export type Code =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_EXHAUSTED'
  | 'DEADLINE_EXCEEDED'
  | 'UNAVAILABLE'
  | 'CANCELLED'
  | 'INTERNAL'
  | 'UNIMPLEMENTED'
  | 'OUT_OF_RANGE'
  | 'DATA_LOSS'
  | 'UNKNOWN';

/** A field of a request and what is wrong with it. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** What is known of an error beside its message. */
export interface ErrorFacts {
  readonly code: Code;
  /** Which fact it is, within its domain; the docs list them. */
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Fields that were refused; empty where the error is about something else. */
  readonly fields: readonly FieldViolation[];
  /** Of the answer; undefined where there was none. */
  readonly status: number | undefined;
  /** When the server said that asking again makes sense. */
  readonly retryAfterMs: number | undefined;
}

/** Reasons of this package itself. */
export const DOMAIN = 'client.millrace';

/** Every way in which a call fails, but for an abort by the caller's own signal, whose reason is thrown as it is. */
export class MillraceError extends Error implements ErrorFacts {
  override readonly name = 'MillraceError';
  readonly code: Code;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly FieldViolation[];
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { code, reason, domain = DOMAIN, metadata = {}, fields = [], status, retryAfterMs }: Pick<ErrorFacts, 'code' | 'reason'> & Partial<ErrorFacts>, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.reason = reason;
    this.domain = domain;
    this.metadata = metadata;
    this.fields = fields;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Tells one reason apart, such as `isReason(error, 'registry.millrace', 'MODEL_NOT_FOUND')`. */
export const isReason = (error: unknown, domain: string, reason: string): error is MillraceError => error instanceof MillraceError && error.domain === domain && error.reason === reason;
