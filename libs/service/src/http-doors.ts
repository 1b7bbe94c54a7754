import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { HomeConfig } from './config.js';
import { errors } from './errors.js';
import { isLoopback } from './open-doors.js';

/** By which names a process is called, and whose pages may call it. */
export interface Doors {
  /** Where it listens. */
  readonly host: string;
  /** Names that it is called by, beside addresses and localhost. */
  readonly names: readonly string[];
  /** Origins whose pages may read its answers. */
  readonly origins: readonly string[];
}

/** The doors of a home, as its variables say. */
export const doorsOf = ({ MILLRACE_HOST: host, MILLRACE_HTTP_HOSTS: names, MILLRACE_HTTP_ORIGINS: origins }: HomeConfig): Doors => ({ host, names: names?.split(',') ?? [], origins: origins?.split(',') ?? [] });

/** For every answer: nothing of it runs, is framed, or is read as something else. A page says for itself what it may load. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // Kept answers are asked for once more before they are used.
  'cache-control': 'no-cache',
} as const;

const CORS_METHODS = 'GET, POST, PUT, PATCH, DELETE';
const CORS_HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Server-Timeout';
const CORS_EXPOSED = 'ETag, Retry-After';
const CORS_SECONDS = 600;

/**
 * Guards an HTTP server against pages of others in the browser of somebody who may call it: a name that is made to lead here (DNS rebinding) is refused,
 * and so is a request of a page from elsewhere. Addresses are always right, because a browser shows the name that it was given.
 */
export function guardDoors(http: FastifyInstance, { host, names, origins }: Doors): void {
  const known = new Set(names.map((name) => name.toLowerCase()));
  // Inside a cluster a process has as many names as there are resolvers; who wants only some says so.
  const anyName = names.length === 0 && !isLoopback(host);
  const allowed = new Set(origins);
  http.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS);
    const { hostname, headers: { origin } } = request;
    if (!anyName && !isOurs(hostname, known)) return done(errors.HOST_UNKNOWN({ host: hostname }));
    if (origin === undefined || hostOf(origin) === request.host) return done();
    if (!allowed.has(origin)) return done(errors.ORIGIN_UNKNOWN({ origin }));
    admit(reply, origin);
    if (request.method !== 'OPTIONS') return done();
    void reply.headers({ 'access-control-allow-methods': CORS_METHODS, 'access-control-allow-headers': CORS_HEADERS, 'access-control-max-age': CORS_SECONDS }).code(204).send();
  });
}

function isOurs(hostname: string, known: ReadonlySet<string>): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return name === '' || name === 'localhost' || isIP(name) !== 0 || known.has(name);
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

const admit = (reply: FastifyReply, origin: string): void => void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': CORS_EXPOSED, vary: 'Origin' });
