import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** Below this an answer fits into one packet as it is. */
const MIN_BYTES = 1_400;
/** Middling: what more costs in time it does not save in bytes. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const WAYS = {
  br: (text: string) => promisify(brotliCompress)(text, BROTLI),
  gzip: (text: string) => promisify(gzip)(text),
} as const;

/** Compresses answers of some size for who takes it, off the event loop. Streams are sent as they come. */
export function compressAnswers(http: FastifyInstance): void {
  http.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < MIN_BYTES) return payload;
    void reply.header('vary', [reply.getHeader('vary'), 'Accept-Encoding'].filter((name) => name !== undefined).join(', '));
    const way = wayOf(String(request.headers['accept-encoding'] ?? ''));
    if (way === undefined) return payload;
    void reply.removeHeader('content-length').header('content-encoding', way);
    return WAYS[way](payload);
  });
}

/** The best way that the caller takes; q=0 refuses one. */
function wayOf(accepted: string): keyof typeof WAYS | undefined {
  const taken = new Set(accepted.split(',').flatMap((each) => {
    const [name = '', ...options] = each.trim().toLowerCase().split(/\s*;\s*/);
    return options.some((option) => /^q=0(\.0*)?$/.test(option)) ? [] : [name];
  }));
  return taken.has('br') ? 'br' : taken.has('gzip') ? 'gzip' : undefined;
}
