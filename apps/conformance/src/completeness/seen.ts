import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import type { AppError } from '@millrace/core';

/** One call that a case made, or one message of a stream. */
export interface SeenCall {
  readonly rpc: string;
  readonly request: unknown;
  /** Undefined when it failed. */
  readonly response: unknown;
  readonly error: AppError | undefined;
}

/** An error as the tables declare it: `domain REASON`. */
export const errorKey = ({ domain, reason }: { readonly domain: string; readonly reason: string }): string => `${domain} ${reason}`;

/** Everything that a run of the cases has called and been answered. */
export class Seen {
  readonly calls: SeenCall[] = [];
  readonly errors = new Set<string>();

  call(call: SeenCall): void {
    this.calls.push(call);
    if (call.error) this.errors.add(errorKey(call.error));
    else this.#look(call.response);
  }

  /** An answer over REST: its errors have the form of AIP-193. */
  rest(body: unknown): void {
    const { error } = body as { readonly error?: { readonly details?: readonly { readonly domain: string; readonly reason: string }[] } };
    for (const detail of error?.details ?? []) this.errors.add(errorKey(detail));
  }

  /** Errors also stand in answers: in the status of a job, and in streams. */
  #look(value: unknown): void {
    if (Array.isArray(value)) return value.forEach((each) => this.#look(each));
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) return;
    const { typeUrl, value: bytes } = value as { readonly typeUrl?: unknown; readonly value?: unknown };
    if (typeUrl === 'type.googleapis.com/google.rpc.ErrorInfo' && bytes instanceof Uint8Array) this.errors.add(errorKey(ErrorInfo.decode(bytes)));
    else Object.values(value).forEach((each) => this.#look(each));
  }
}
