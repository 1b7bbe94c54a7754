import type { AppError, Code } from '@millrace/core';
import type { FastifyReply } from 'fastify';

/** What each code is over HTTP, as AIP-193 has it. */
export const HTTP_STATUS: Readonly<Record<Code, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** How long a caller should wait before it asks again. */
const RETRY_AFTER_SECONDS = 1;

/** An error as JSON, in the form of google.rpc.Status over HTTP (AIP-193). */
export const toErrorBody = ({ code, message, domain, reason, metadata }: AppError, status: number = HTTP_STATUS[code]) => ({
  error: { code: status, status: code, message, details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain, reason, metadata }] },
});

/** Answers with an error; one for which asking again makes sense says when. */
export function sendError(reply: FastifyReply, error: AppError, status: number = HTTP_STATUS[error.code]): FastifyReply {
  if (error.retryable) reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply.code(status).send(toErrorBody(error, status));
}
