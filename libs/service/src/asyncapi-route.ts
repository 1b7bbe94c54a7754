import { readFileSync } from 'node:fs';
import { ASYNCAPI_VERSION, type AsyncApiOptions, describeEvents } from '@millrace/events';
import type { FastifyInstance } from 'fastify';

/** The version of the product, as every package of it has it. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };

/** Answers GET /asyncapi.json with the document of all events, the same in every process; it is made when it is asked for the first time. */
export function serveAsyncApi(http: FastifyInstance, options: Omit<AsyncApiOptions, 'version'>): void {
  let text: string | undefined;
  http.get('/asyncapi.json', async (_, reply) => {
    text ??= JSON.stringify(describeEvents({ ...options, version }));
    return reply.type(`application/vnd.aai.asyncapi+json; version=${ASYNCAPI_VERSION}`).send(text);
  });
}
