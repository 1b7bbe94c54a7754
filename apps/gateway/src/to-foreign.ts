import type { DescMethod } from '@bufbuild/protobuf';
import { AppError } from '@millrace/core';
import { errors } from './errors.js';

/** Domains of what the transport says of itself; its words hold addresses. */
const OF_THE_TRANSPORT: ReadonlySet<string> = new Set(['grpc', 'rpc.millrace']);

/** An error as a foreign caller may see it: where services are is not for everybody, and a service that does not answer is one that may in a moment. */
export function toForeign(error: unknown, { name }: DescMethod): unknown {
  return error instanceof AppError && error.code === 'UNAVAILABLE' && OF_THE_TRANSPORT.has(error.domain) ? errors.SERVICE_UNREACHABLE({ method: name }, { cause: error }) : error;
}
