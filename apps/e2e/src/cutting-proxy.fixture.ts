import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and can cut what runs through it. */
export class CuttingProxy {
  /** What was asked through it, in the order in which it came. */
  readonly heard: string[] = [];
  readonly #open = new Set<Socket>();
  readonly #server = createServer((inner) => this.#join(inner));

  constructor(private readonly target: URL) {}

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection, whatever is under way on it. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(inner: Socket): void {
    inner.on('data', (bytes: Buffer) => this.heard.push(bytes.toString('latin1')));
    const outer = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [[inner, outer], [outer, inner]] as const) {
      this.#open.add(socket);
      // A cut is what it is for: the other side is cut too.
      socket.on('error', () => undefined).once('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
    inner.pipe(outer).pipe(inner);
  }
}
