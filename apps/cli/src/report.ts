import { toFailure } from './calls/failure.js';
import { exitCodeOf, type ExitCode } from './exit-code.js';
import type { Terminal } from './terminal.js';
import { paintFor } from './text/paint.js';
import { safeLines } from './text/width.js';

/** Tells an error to people on standard error, to programs as the document on standard output, and gives the exit code that says what kind it was. */
export function report(error: unknown, { terminal, json, address }: { readonly terminal: Terminal; readonly json: boolean; readonly address: string }): ExitCode {
  const failure = toFailure(error, { address, interrupted: terminal.interrupted.aborted });
  const { code, reason, message, metadata } = failure;
  terminal.err.write(`${paintFor(terminal.err, terminal.env)('bad', 'Error:')} ${safeLines(message)}\n`);
  if (reason === 'BUG' && terminal.env['MILLRACE_DEBUG'] && failure.cause instanceof Error) terminal.err.write(`${failure.cause.stack ?? ''}\n`);
  if (json) terminal.out.write(`${JSON.stringify({ error: { code, reason, message, metadata } }, undefined, 2)}\n`);
  return exitCodeOf(failure);
}
