import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type ConnectionOptions, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from './certificates.fixture.js';
import { handshakeFault } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  await makeCertificates(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
const identity = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });

/** What a client hears whose handshake, or whose first read after it, fails. */
async function heard(server: Server, options: ConnectionOptions): Promise<unknown> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: 'localhost', port: (server.address() as AddressInfo).port, ...options });
      socket.once('error', resolve).once('data', resolve).once('close', () => resolve('closed'));
    });
  } finally {
    server.close();
  }
}
const served = (name: string, options: TlsOptions = {}): Server => createServer({ ...identity(name), ...options }, (socket) => socket.on('error', () => undefined).end('welcome')).on('tlsClientError', () => undefined);

it('says nothing of what is no fault of TLS', async () => {
  expect(handshakeFault(await heard(served('server'), { ca: pem('ca.pem') }))).toBeUndefined();
  expect(handshakeFault(new Error('ECONNREFUSED'))).toBeUndefined();
  expect(handshakeFault(undefined)).toBeUndefined();
});

it.each([
  ['an expired certificate', 'expired', 'ca.pem', 'its certificate has expired'],
  ['a certificate for another host', 'elsewhere', 'ca.pem', 'its certificate is for another host: localhost is not among DNS:elsewhere.millrace'],
  ['an authority that is not trusted', 'server', 'stranger-ca.pem', 'its certificate was signed by nobody who is trusted here'],
])('tells %s', async (_, name, ca, meaning) => {
  expect(handshakeFault(await heard(served(name), { ca: pem(ca) }))).toBe(meaning);
});

it('tells a server without TLS', async () => {
  const plain = createPlainServer((socket) => socket.on('error', () => undefined).end('220 this is something else\n'));
  expect(handshakeFault(await heard(plain, { ca: pem('ca.pem') }))).toBe('it does not speak TLS');
});

it('tells a server that asks for a client certificate', async () => {
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: pem('ca.pem') };
  expect(handshakeFault(await heard(served('server', mutual), { ca: pem('ca.pem') }))).toBe('it asks for a client certificate, and none was shown');
});

// Servers of Node close such a connection without a word; those of Java and C say why, in these.
it.each([
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it does not accept the client certificate'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'it refuses the client certificate, which has expired'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'it refused the handshake; it may ask for a client certificate'],
])('tells what %s means', (code, meaning) => {
  expect(handshakeFault(Object.assign(new Error('alert'), { code }))).toBe(meaning);
});

it('tells a server that knows only old versions of TLS, wherever the error lies', async () => {
  const old = served('server', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  const error = await heard(old, { ca: pem('ca.pem') });
  expect(handshakeFault(new Error('It failed.', { cause: error }))).toBe('it has no version of TLS in common with us, which is 1.2 or newer');
  expect(handshakeFault({ errors: [error] })).toBe('it has no version of TLS in common with us, which is 1.2 or newer');
});
