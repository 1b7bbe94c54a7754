import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Server as SecureServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { toAppError } from '@millrace/rpc';
import type { TlsSource } from '@millrace/tls';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';
import { errors } from './errors.js';
import { type Doors, guardDoors } from './http-doors.js';
import { sendError } from './http-errors.js';

/** The largest body of a request. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** How long a request may take to arrive whole. */
const ARRIVE_MS = 120_000;
/** The longest part of a path that a route takes; names are shorter, and so are places in topics. */
const MAX_PARAM_LENGTH = 512;
const OPTIONS = { bodyLimit: MAX_BODY_BYTES, requestTimeout: ARRIVE_MS, routerOptions: { maxParamLength: MAX_PARAM_LENGTH }, frameworkErrors: refuseUrl, forceCloseConnections: 'idle', return503OnClosing: true } as const;

/** A URL that is none never comes to a route. */
function refuseUrl({ message }: FastifyError, _: unknown, reply: FastifyReply): void {
  void reply.code(400).send({ error: { code: 400, status: 'INVALID_ARGUMENT', message, details: [] } });
}

/** What the HTTP side of a process is made with. */
export interface HttpOptions {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly isReady: () => boolean;
  /** What keeps services from their work although they run. */
  readonly faults: () => readonly string[];
  /** While it says so only probes are answered. */
  readonly isDraining: () => boolean;
  /** What it shows of itself; with a CA, all but probes is answered to those only whose certificate that one has signed. */
  readonly tls?: TlsSource | undefined;
  readonly doors: Doors;
}

/** What is answered as long as the port is open. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** An HTTP server with health, readiness, metrics and one form of error. */
export function makeHttp({ metrics, log, isReady, faults, isDraining, tls, doors }: HttpOptions): FastifyInstance {
  const http = tls ? makeSecure(tls) : fastify(OPTIONS);
  guardDoors(http, doors);
  http.addHook('onRequest', ({ routeOptions }, _, done) => done(isDraining() && !PROBES.has(routeOptions.url ?? '') ? errors.SHUTTING_DOWN({}) : undefined));
  addJsonParser(http);
  http.get('/healthz', async () => ({ status: 'ok' }));
  http.get('/readyz', async (_, reply) => {
    const why = faults();
    if (isReady() && why.length === 0) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', ...(why.length > 0 ? { why } : {}) });
  });
  http.get('/metrics', async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
  http.setNotFoundHandler(({ method, url }, reply) => sendError(reply, errors.PATH_UNKNOWN({ method, path: url.split('?')[0] ?? '' })));
  http.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode;
    // Fastify's own refusals, such as a body that is no JSON.
    if (status !== undefined && status >= 400 && status < 500) return reply.code(status).send({ error: { code: status, status: status === 413 ? 'RESOURCE_EXHAUSTED' : 'INVALID_ARGUMENT', message: status === 415 ? `The body is ${request.headers['content-type'] ?? 'of no type'}; say what it is by content-type, which most calls want to be application/json.` : error.message, details: [] } });
    const failure = toAppError(error);
    if (failure.code === 'INTERNAL') log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    return sendError(reply, failure);
  });
  closeIdleConnections(http);
  return http;
}

/** Reads bodies of JSON; one without anything in it is refused, unless it `mayBeEmpty`, and then it is undefined. */
export function addJsonParser(http: FastifyInstance, { mayBeEmpty = false } = {}): void {
  const parseJson = http.getDefaultJsonParser('error', 'error');
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (mayBeEmpty && bytes.length === 0) return done(null, undefined);
    // A decoder would put U+FFFD in the place of what is no UTF-8, and texts would be others than those that were sent.
    if (isUtf8(bytes as Buffer)) void parseJson(request, bytes.toString('utf8'), done);
    else done(errors.BODY_NOT_UTF8({}));
  });
}

/**
 * When the closing begins only requests under way are worth waiting for. Node closes connections that idle at that moment, and no other ones:
 * neither those that fall idle later nor those that have never asked anything.
 */
function closeIdleConnections(http: FastifyInstance): void {
  const { server } = http;
  const idle = new Set<Socket>();
  let closing = false;
  server.on('connection', (socket: Socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (closing) socket.destroySoon();
      else if (!socket.destroyed) idle.add(socket);
    });
  });
  http.addHook('preClose', async () => {
    closing = true;
    for (const socket of idle) socket.destroy();
  });
}

/** The least version of TLS, whatever Node was started with. */
const MIN_VERSION = 'TLSv1.2';

/** An HTTPS server that takes renewed certificates. Who shows none is let in as far as the probes: those who watch a process have none. */
function makeSecure(tls: TlsSource): FastifyInstance {
  const mutual = tls.current.ca !== undefined;
  const http = fastify({ ...OPTIONS, https: { ...tls.current, minVersion: MIN_VERSION, requestCert: mutual, rejectUnauthorized: false } }) as unknown as FastifyInstance;
  tls.follow((material) => (http.server as unknown as SecureServer).setSecureContext({ ...material, minVersion: MIN_VERSION }));
  if (mutual) http.addHook('onRequest', ({ routeOptions, raw }, _, done) => done((raw.socket as TLSSocket).authorized || PROBES.has(routeOptions.url ?? '') ? undefined : errors.CERTIFICATE_REQUIRED({})));
  return http;
}

/** Binds the port; gives the address with the port that was chosen for 0. */
export async function listenHttp(http: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await http.listen({ host, port });
  } catch (cause) {
    throw errors.HTTP_ADDRESS_IN_USE({ address: `${host}:${port}`, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}

/** Finishes the requests under way, at most `ms` long, and closes the port. */
export async function closeHttp(http: FastifyInstance, ms: number): Promise<void> {
  const timer = setTimeout(() => http.server.closeAllConnections(), ms);
  await http.close();
  clearTimeout(timer);
}
