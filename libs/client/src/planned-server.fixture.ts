import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a planned server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** When it came, by performance.now(). */
  readonly at: number;
}

/** What a planned server does with one request. */
export type Step = (response: ServerResponse, seen: Seen) => void | Promise<void>;

/** An HTTP server on 127.0.0.1 that does the first step with the first request, and so on; the last step again for all that follow. */
export class PlannedServer {
  readonly seen: Seen[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #steps: readonly [Step, ...Step[]] = [(response) => void response.writeHead(500).end()];

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets what was, and goes by these steps. */
  plan(...steps: readonly [Step, ...Step[]]): void {
    this.seen.length = 0;
    this.#steps = steps;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), at };
    this.seen.push(seen);
    const step = this.#steps[Math.min(this.seen.length, this.#steps.length) - 1] ?? this.#steps[0];
    await step(response, seen);
  }
}

export const json = (value: unknown): Step => (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** An error in the form of the gateway. */
export const refusal = (status: number, code: string, headers: Readonly<Record<string, string>> = {}, info: Readonly<Record<string, unknown>> = { domain: 'registry.millrace', reason: 'PLANNED', metadata: {} }): Step => (response) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error: { code: status, status: code, message: 'As planned.', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }] } }));

/** The connection ends without a word. */
export const hangUp: Step = (response) => void response.destroy();

/** Events, and then the connection is cut. */
export const events = (text: string, { cut = false }: { readonly cut?: boolean } = {}): Step => (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(text, () => (cut ? response.destroy() : response.end()));
};
