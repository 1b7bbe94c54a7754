import { type CallOptions, type Connection, noGateway, reading } from './connection.js';
import { errorFrom } from './error-body.js';
import { readEvents } from './event-reader.js';
import type { HttpRequest } from './http-request.js';
import { MillraceError } from './millrace-error.js';
import { pauseMs, sleep } from './retry.js';

/** The gateway says something every 15 seconds: who hears nothing for three times as long is cut off. */
const SILENCE_MS = 45_000;

/**
 * The messages of a stream as JSON. One that is cut is taken up after the last event that was read, as often as attempts allow between two events;
 * a stream that may not be repeated fails instead. It ends when the server has said all.
 */
export async function* followStream(connection: Connection, request: HttpRequest, { signal, timeoutMs = SILENCE_MS, headers }: CallOptions): AsyncGenerator<unknown> {
  let last = '';
  let comeBackMs = 0;
  let failed = 0;
  for (;;) {
    const silence = new Silence(timeoutMs);
    const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
    try {
      const resumed = last === '' ? {} : { 'last-event-id': last };
      const response = await connection.send(request, { signal: either, headers: { ...headers, accept: 'text/event-stream', ...resumed } });
      // Who comes back to a stream that had ended hears that nothing follows.
      if (response.status === 204 || !response.body) return;
      if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) throw noGateway('stream of events');
      const events = readEvents(response.body, () => silence.end());
      for (let step = await reading(events.next(), either); step.done !== true; step = await reading(events.next(), either)) {
        const { type, id, data, retry } = step.value;
        comeBackMs = retry ?? comeBackMs;
        if (type === 'end') return;
        if (type === 'failure') throw errorFrom(data, {});
        if (data === '') continue;
        last = id;
        failed = 0;
        silence.stop();
        yield JSON.parse(data);
        silence.end();
      }
      throw new MillraceError('The stream was cut before its end.', { code: 'UNAVAILABLE', reason: 'STREAM_CUT' });
    } catch (error) {
      const failure = silence.signal.aborted ? silenced(timeoutMs, error) : error;
      const pause = request.repeatable && failure instanceof MillraceError ? pauseMs(failure, ++failed, connection.retry) : undefined;
      if (pause === undefined) throw failure;
      await sleep(Math.max(comeBackMs, pause), signal ?? new AbortController().signal);
    } finally {
      silence.close();
    }
  }
}

const silenced = (ms: number, cause: unknown): MillraceError => new MillraceError(`The stream said nothing for ${ms} ms.`, { code: 'UNAVAILABLE', reason: 'STREAM_SILENT', metadata: { ms: String(ms) } }, { cause });

/** Aborts when nothing was heard for long enough. While the reader has the word it does not count. */
class Silence {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {
    this.end();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something was heard: it is counted anew. */
  end(): void {
    this.stop();
    this.#timer = setTimeout(() => this.#controller.abort(), this.ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Lets go of the connection as well. */
  close(): void {
    this.stop();
    this.#controller.abort();
  }
}
