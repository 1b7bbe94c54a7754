import { once } from 'node:events';
import { createServer, request } from 'node:http';

const RETRY_CODES = { 500: 'InternalError', 503: 'SlowDown' };

/** An HTTP proxy in front of S3 that answers a share of the requests in its place with 500 or 503; it begins with none. */
export class FailingProxy {
  #server;
  #share = 0;
  #random = { between: () => 1, pick: ([first]) => first };
  /** How many requests it answered itself. */
  refused = 0;

  /** Hands on to a port of this machine; gives the port that it listens on. */
  async listen(upstream) {
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer, upstream));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** From now on this share of the requests fails, by the chances of `random`. */
  fail(share, random) {
    this.#share = share;
    this.#random = random;
  }

  async close() {
    this.#server?.closeAllConnections();
    if (this.#server?.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(incoming, answer, upstream) {
    if (this.#share > 0 && this.#random.between(0, 1) < this.#share) {
      this.refused++;
      const status = this.#random.pick([500, 503]);
      incoming.resume();
      answer.writeHead(status, { 'content-type': 'application/xml' });
      answer.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${RETRY_CODES[status]}</Code><Message>Please try again.</Message></Error>`);
      return;
    }
    // The host is part of what was signed.
    const outgoing = request({ host: '127.0.0.1', port: upstream, method: incoming.method, path: incoming.url, headers: incoming.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.rawHeaders);
      reply.pipe(answer);
      reply.once('error', () => answer.destroy());
    });
    outgoing.once('error', () => answer.destroy());
    incoming.once('error', () => outgoing.destroy());
    incoming.once('close', () => incoming.complete || outgoing.destroy());
    incoming.pipe(outgoing);
  }
}
