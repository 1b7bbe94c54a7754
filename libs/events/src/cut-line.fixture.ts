import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { KafkaConnection } from './index.js';

/** A line to the brokers that can be cut so that requests arrive and answers do not. */
export interface CutLine {
  readonly socketFactory: NonNullable<KafkaConnection['socketFactory']>;
  /** From now on every connection ends with the first byte of an answer. */
  cut(): void;
  mend(): void;
  /** Nothing passes, and nothing ends, until it is released; then everything passes that waited. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** Lays a line through which a bus reaches whatever broker it wants. */
export async function layLine(): Promise<CutLine> {
  let isCut = false;
  let isHeld = false;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    client.once('data', (first: Buffer) => {
      // The client says first where it wants to go.
      const line = first.indexOf('\n');
      const upstream = connect(Number(first.subarray(0, line).toString()), '127.0.0.1');
      if (first.length > line + 1) upstream.write(first.subarray(line + 1));
      client.on('data', (request) => void upstream.write(request));
      upstream.on('data', (answer) => void (isCut ? client.destroy() : client.write(answer)));
      for (const socket of [client, upstream]) {
        open.add(socket);
        if (isHeld) socket.pause();
        socket.on('error', () => {});
        socket.on('close', () => [client, upstream].forEach((each) => (open.delete(each), each.destroy())));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: line } = server.address() as AddressInfo;
  return {
    socketFactory: ({ port, onConnect }) => {
      const socket = connect(line, '127.0.0.1', () => {
        socket.write(`${port}\n`);
        onConnect();
      });
      return socket;
    },
    cut: () => void (isCut = true),
    mend: () => void (isCut = false),
    hold: () => {
      isHeld = true;
      for (const socket of open) socket.pause();
    },
    release: () => {
      isHeld = false;
      for (const socket of open) socket.resume();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
