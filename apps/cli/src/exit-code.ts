import { AppError, type Code } from '@millrace/core';

/** What the number says that a command ends with. */
export const EXIT = { done: 0, failed: 1, wrongInput: 2, notReachable: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const OF_CODE: Record<Code, ExitCode> = {
  INVALID_ARGUMENT: EXIT.wrongInput,
  NOT_FOUND: EXIT.wrongInput,
  ALREADY_EXISTS: EXIT.wrongInput,
  UNAUTHENTICATED: EXIT.wrongInput,
  PERMISSION_DENIED: EXIT.wrongInput,
  FAILED_PRECONDITION: EXIT.failed,
  ABORTED: EXIT.failed,
  RESOURCE_EXHAUSTED: EXIT.failed,
  DEADLINE_EXCEEDED: EXIT.failed,
  INTERNAL: EXIT.failed,
  UNAVAILABLE: EXIT.notReachable,
  CANCELLED: EXIT.interrupted,
};

/** The exit code of an error: by what the caller should do about it. */
export const exitCodeOf = (error: unknown): ExitCode => (error instanceof AppError ? OF_CODE[error.code] : EXIT.failed);

/** The exit codes as `--help` tells them. */
export const EXIT_CODES_HELP = `Exit codes: ${EXIT.done} done, ${EXIT.failed} the thing failed, ${EXIT.wrongInput} wrong use or input,\n            ${EXIT.notReachable} not reachable, ${EXIT.interrupted} interrupted.`;
