import type { FastifyInstance } from 'fastify';
import type { OpenApi } from './document.js';
import { PAGE_POLICY, PAGE_STYLE, toPage } from './page.js';

/** Answers the document at /openapi.json and a page for people at /docs; both are made when they are asked for the first time. */
export function serveOpenApi(http: FastifyInstance, describe: () => OpenApi): void {
  let document: OpenApi | undefined;
  let text: string | undefined;
  let page: string | undefined;
  http.get('/openapi.json', async (_, reply) => reply.type('application/json; charset=utf-8').send((text ??= JSON.stringify((document ??= describe())))));
  http.get('/docs', async (_, reply) => reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send((page ??= toPage((document ??= describe())))));
  http.get('/docs/style.css', async (_, reply) => reply.type('text/css; charset=utf-8').send(PAGE_STYLE));
}
