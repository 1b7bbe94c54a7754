import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendError } from '@millrace/service';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { errors } from './errors.js';

/** Where the build puts the page, which is a project of its own; the gateway knows its folder and nothing else of it. */
export const PAGE_FOLDER = fileURLToPath(new URL('../../dashboard/dist/page', import.meta.url));

/** What the page may load and do: its own files, this home's answers, and nothing from elsewhere; nothing of it is code by way of text. */
export const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Files whose names hold a digest of what is in them never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Others are asked for again, and answered with 304 while they are as they were. */
const ASKED_AGAIN = 'no-cache';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

interface PageFile {
  readonly text: string;
  readonly type: string;
  readonly etag: string;
  readonly keep: string;
}

/** Answers the page at / with its files, and every deep link with its first file. Without a page in the folder nothing is answered there. */
export function servePage(http: FastifyInstance, folder = PAGE_FOLDER): void {
  const files = readPage(folder);
  const index = files.get('/index.html');
  if (index === undefined) return;
  http.get('/*', async ({ method, url, headers }, reply) => {
    const [path = '/'] = url.split('?');
    const file = path === '/' ? index : (files.get(path) ?? (isDeepLink(path, headers.accept) ? index : undefined));
    if (file === undefined) return sendError(reply, errors.PATH_UNKNOWN({ method, path }));
    return send(reply, file, headers['if-none-match']);
  });
}

/** Read once, at the start: only what the build has put there can ever be answered. */
function readPage(folder: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const text = readFileSync(join(folder, name), 'utf8');
      return [[`/${name}`, { text, type, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`, keep: name.startsWith('assets/') ? FOR_EVER : ASKED_AGAIN }] as const];
    }),
  );
}

/** A place within the page, such as /models/late: what a person opens, which is neither a call nor a file. */
const isDeepLink = (path: string, accept = ''): boolean => accept.includes('text/html') && !path.startsWith('/v1/') && extname(path) === '';

function send(reply: FastifyReply, { text, type, etag, keep }: PageFile, known: string | undefined): FastifyReply {
  void reply.headers({ etag, 'cache-control': keep, 'content-security-policy': PAGE_POLICY });
  return known === etag ? reply.code(304).send() : reply.type(type).send(text);
}
