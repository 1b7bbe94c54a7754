import { connect } from 'node:net';
import { errors } from '../errors.js';

const CONNECT_MS = 5_000;
const HOST_PORT = /^(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})$/;

/** Makes sure that something listens at host:port, or at one of several, so that the fault is told at once and in plain words. */
export async function reach(addresses: string): Promise<void> {
  const tries = addresses.split(',').map((address) => reachOne(address.trim()));
  await Promise.any(tries).catch(() => tries[0]);
}

async function reachOne(address: string): Promise<void> {
  const [, bracketed, host = bracketed, port] = HOST_PORT.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) throw errors.WRONG_ADDRESS({ address });
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: CONNECT_MS });
    const fail = (cause?: unknown): void => {
      socket.destroy();
      reject(errors.NOT_REACHABLE({ address }, { cause }));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => fail());
    socket.once('error', fail);
  });
}
