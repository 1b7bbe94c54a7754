import type { FastifyInstance } from 'fastify';

/** An answer of this size leaves at once; a larger one waits in memory for who reads slowly. */
const LARGE_BYTES = 64 * 1024;
/** So long nothing of it may move. */
const STILL_MS = 30_000;

/** Lets go of those who ask for large answers and do not read them. */
export function letGoOfSlowReaders(http: FastifyInstance, stillMs: number = STILL_MS): void {
  http.addHook('onSend', async (_, reply, payload) => {
    const { raw } = reply;
    if ((typeof payload === 'string' || payload instanceof Uint8Array) && payload.length > LARGE_BYTES) raw.setTimeout(stillMs, () => raw.destroy());
    return payload;
  });
}
