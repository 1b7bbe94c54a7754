import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { toAppError } from '@millrace/rpc';
import { toErrorBody } from '@millrace/service';
import type { FastifyReply } from 'fastify';
import { errors } from './errors.js';

/** What streams are held to. */
export interface StreamLimits {
  /** How many one process keeps open. */
  readonly streams: number;
  /** So long one may be silent: proxies and browsers give up on what says nothing. */
  readonly beatMs: number;
  /** A reader that takes nothing for so long is let go: what waits for it is held in memory. */
  readonly slowMs: number;
  /** One whose first message is not there by then begins without it; until then a refusal is an answer of its own. */
  readonly firstMs: number;
}

const LIMITS: StreamLimits = { streams: 1_024, beatMs: 15_000, slowMs: 30_000, firstMs: 500 };
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
  /** Whether a message that is as the one before is left out. */
  readonly distinct?: boolean;
  /** Where a message stands in its stream, as the ids are to say it: see markOf. */
  readonly mark?: ((message: unknown) => string) | undefined;
}

/** Sends streams of messages as server-sent events, as fast as their readers take them. */
export class EventStreams {
  readonly #open = new Set<AbortController>();
  readonly #limits: StreamLimits;

  constructor(limits: Partial<StreamLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * One event a message, each with an id; `end` when all is said, `failure` with a google.rpc.Status when it broke.
   * Who comes back with the id of what is still so hears of it no second time, and of an ended stream 204, after which a browser stays away.
   * STREAMS_EXHAUSTED when too many are open.
   */
  async send(reply: FastifyReply, { messages, ...how }: StreamOptions): Promise<void> {
    const { streams, firstMs } = this.#limits;
    const { lastEventId } = how;
    if (lastEventId?.endsWith(ENDED)) return void (await reply.code(204).send());
    if (this.#open.size >= streams) throw errors.STREAMS_EXHAUSTED({ limit: String(streams) });
    const controller = new AbortController();
    const { signal } = controller;
    const gone = (): void => controller.abort();
    this.#open.add(controller);
    reply.raw.once('close', gone);
    const source = messages(signal)[Symbol.asyncIterator]();
    try {
      const first = source.next();
      const patience = new AbortController();
      await Promise.race([first, sleep(firstMs, undefined, { signal: patience.signal }).catch(() => undefined)]).finally(() => patience.abort());
      await this.#pump(reply, source, { ...how, first });
    } finally {
      gone();
      this.#open.delete(controller);
      reply.raw.off('close', gone);
    }
  }

  /** Ends every stream: the process shuts down, and readers come back to another. */
  close(): void {
    for (const controller of this.#open) controller.abort();
  }

  /** Writes the events; from here on the answer has begun, and what breaks is told within it. */
  async #pump(reply: FastifyReply, source: AsyncIterator<unknown>, { first, lastEventId, distinct = false, mark }: Begun): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const beat = setInterval(() => {
      if (!raw.writableNeedDrain) raw.write(':\n\n');
    }, this.#limits.beatMs);
    try {
      await this.#write(raw, `retry: ${RETRY_MS}\n\n`);
      let id = '';
      for (let step = await first; step.done !== true; step = await source.next()) {
        const data = JSON.stringify(step.value);
        const known = id === '' ? lastEventId : distinct ? id : undefined;
        id = idOf(data, mark?.(step.value));
        if (id !== known) await this.#write(raw, `id: ${id}\ndata: ${data}\n\n`);
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

  async #write(raw: ServerResponse, text: string): Promise<void> {
    if (raw.write(text)) return;
    await once(raw, 'drain', { signal: AbortSignal.timeout(this.#limits.slowMs) }).catch((cause: unknown) => {
      throw new SlowReader('the reader takes nothing', { cause });
    });
  }
}

interface Begun extends Omit<StreamOptions, 'messages'> {
  readonly first: Promise<IteratorResult<unknown>>;
}

class SlowReader extends Error {}

/** Says what a message is, so that the same one is known again in another process too. */
const idOf = (data: string, mark: string | undefined): string => `${createHash('sha256').update(data).digest('base64url').slice(0, 16)}${mark === undefined ? '' : `@${mark}`}`;

/** The mark in an id; undefined where it has none. */
export const markOf = (id: string): string | undefined => /@(\d{1,15})$/.exec(id)?.[1];
