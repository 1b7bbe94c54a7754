import type { FastifyInstance } from 'fastify';
import type { OpenApi } from './document.js';
import { PAGE_POLICY, PAGE_STYLE, toPage } from './page.js';

/** Answers the document at /openapi.json and a page for people at /docs; both are made when one is asked for the first time. */
export function serveOpenApi(http: FastifyInstance, describe: () => OpenApi): void {
  let made: { readonly text: string; readonly page: string } | undefined;
  const make = () => {
    const document = describe();
    return { text: JSON.stringify(document), page: toPage(document) };
  };
  http.get('/openapi.json', async (_, reply) => reply.type('application/json; charset=utf-8').send((made ??= make()).text));
  http.get('/docs', async (_, reply) => reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send((made ??= make()).page));
  http.get('/docs/style.css', async (_, reply) => reply.type('text/css; charset=utf-8').send(PAGE_STYLE));
}
