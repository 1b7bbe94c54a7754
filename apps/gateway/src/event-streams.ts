import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { toAppError } from '@millrace/rpc';
import { toErrorBody } from '@millrace/service';
import type { FastifyReply } from 'fastify';
import { errors } from './errors.js';

/** How many streams one process keeps open at most. */
export const MAX_STREAMS = 256;
/** So long a stream may be silent; proxies and browsers give up on one that says nothing. */
const BEAT_MS = 15_000;
/** A reader that takes nothing for so long is let go: what waits for it is held in memory. */
const SLOW_MS = 30_000;
/** A stream whose first message is not there by then begins without it; until then a refusal is an answer of its own. */
const FIRST_MS = 500;
/** When the reader should come back after it was cut off. */
const RETRY_MS = 2_000;
/** Ends the id of the last event: who comes back with it has seen everything. */
const ENDED = '.end';

/** How one stream is sent. */
export interface StreamOptions {
  /** The messages as JSON; the signal ends them. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<unknown>;
  /** What the reader has seen last, from Last-Event-ID. */
  readonly lastEventId: string | undefined;
}

/** Sends streams of messages as server-sent events, at most MAX_STREAMS at once, as fast as their readers take them. */
export class EventStreams {
  readonly #open = new Set<AbortController>();

  constructor(private readonly limit: number = MAX_STREAMS) {}

  /**
   * One event a message, each with an id; `end` when all is said, `failure` with a google.rpc.Status when it broke.
   * Who comes back with the id of what is still so hears of it no second time, and of an ended stream 204, after which a browser stays away.
   */
  async send(reply: FastifyReply, { messages, lastEventId }: StreamOptions): Promise<void> {
    if (lastEventId?.endsWith(ENDED)) return void (await reply.code(204).send());
    if (this.#open.size >= this.limit) throw errors.STREAMS_EXHAUSTED({ limit: String(this.limit) });
    const controller = new AbortController();
    this.#open.add(controller);
    const gone = (): void => controller.abort();
    reply.raw.once('close', gone);
    const source = messages(controller.signal)[Symbol.asyncIterator]();
    try {
      const first = source.next();
      await Promise.race([first, sleep(FIRST_MS, undefined, { signal: controller.signal, ref: false })]);
      await pump(reply, source, { first, lastEventId });
    } finally {
      controller.abort();
      this.#open.delete(controller);
      reply.raw.off('close', gone);
    }
  }

  /** Ends every stream: the process shuts down, and readers come back to another. */
  close(): void {
    for (const controller of this.#open) controller.abort();
  }
}

interface Pumped {
  readonly first: Promise<IteratorResult<unknown>>;
  readonly lastEventId: string | undefined;
}

/** Writes the events; from here on the answer has begun, and what breaks is told within it. */
async function pump(reply: FastifyReply, source: AsyncIterator<unknown>, { first, lastEventId }: Pumped): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' } as Record<string, string>);
  const beat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(':\n\n');
  }, BEAT_MS);
  let id = '';
  try {
    await write(raw, `retry: ${RETRY_MS}\n\n`);
    for (let step = await first; step.done !== true; step = await source.next()) {
      const data = JSON.stringify(step.value);
      const known = id === '' ? lastEventId : undefined;
      id = idOf(data);
      if (id !== known) await write(raw, `id: ${id}\ndata: ${data}\n\n`);
    }
    raw.end(`event: end\nid: ${id}${ENDED}\ndata: {}\n\n`);
  } catch (error) {
    const failure = toAppError(error);
    // Who has gone, or is too slow, hears nothing any more.
    if (error instanceof SlowReader) raw.destroy();
    else if (failure.code === 'CANCELLED') raw.end();
    else raw.end(`event: failure\ndata: ${JSON.stringify(toErrorBody(failure))}\n\n`);
  } finally {
    clearInterval(beat);
    void source.return?.();
  }
}

class SlowReader extends Error {}

async function write(raw: ServerResponse, text: string): Promise<void> {
  if (raw.write(text)) return;
  const late = AbortSignal.timeout(SLOW_MS);
  await once(raw, 'drain', { signal: late }).catch((cause: unknown) => {
    throw new SlowReader('the reader takes nothing', { cause });
  });
}

/** Says what a message is, so that the same one is known again in another process too. */
const idOf = (data: string): string => createHash('sha256').update(data).digest('base64url').slice(0, 16);
