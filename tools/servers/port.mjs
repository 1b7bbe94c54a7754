import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
const FIRST = 15_000;
const TRIES = 200;
/** So many of the ports that this process was given last are not given again. */
const REMEMBERED = 4_000;
const given = new Set();

/**
 * So many ports that nobody listens on, and that this process was not given for somebody who has not begun to listen. They lie below those that
 * the system gives to outgoing connections: a client that calls a killed server again and again would else be given the server's own port one
 * day, and talk to itself.
 */
export async function freePorts(count) {
  const ports = [];
  const below = Math.max(FIRST + 1_000, firstOutgoing());
  for (let tries = 0; ports.length < count; tries++) {
    if (tries === TRIES) throw new Error(`No free port was found between ${FIRST} and ${below} on ${HOST}.`);
    const port = FIRST + Math.floor(Math.random() * (below - FIRST));
    // Asked once more: meanwhile another call may have been given it.
    if (given.has(port) || !(await isFree(port)) || given.has(port)) continue;
    remember(port);
    ports.push(port);
  }
  return ports;
}

function remember(port) {
  given.add(port);
  const [oldest] = given;
  if (given.size > REMEMBERED) given.delete(oldest);
}

/** Whether someone takes connections on this port. */
export function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    const answer = (open) => (socket.destroy(), resolve(open));
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
    socket.setTimeout(1_000, () => answer(false));
  });
}

/** Whether who listens on this port answers these words with those. */
export function answers(port, words, wanted) {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: HOST, port });
    const answer = () => (socket.destroy(), resolve(heard.startsWith(wanted)));
    socket.once('connect', () => socket.write(words)).once('error', answer).once('close', answer);
    socket.on('data', (data) => (heard += data).length >= wanted.length && answer());
    socket.setTimeout(1_000, answer);
  });
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function firstOutgoing() {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]);
  } catch {
    return 32_768;
  }
}
