import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { type ChannelCredentials, credentials, makeGenericClientConstructor, status } from '@grpc/grpc-js';
import { handshakeFault, LiveTls, type TlsFiles } from '@millrace/tls';
import { Authority, makeCertificates, writeIssued } from '@millrace/tls/fixture';
import { service as healthService } from 'grpc-health-check';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Client, connect, RpcHost } from './index.js';
import { plainHandlers, point, ProbeDefinition } from './probe.fixture.js';
import { rpcSuite } from './rpc.suite.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-rpc-tls-'));
let authority: Authority;
beforeAll(async () => {
  ({ authority } = await makeCertificates(folder));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const named = (file: string) => ({ variable: 'SPEC', file: join(folder, file) });
const filesOf = (name?: string, ca?: string): TlsFiles => ({ ...(ca === undefined ? {} : { ca: named(`${ca}.pem`) }), ...(name === undefined ? {} : { cert: named(`${name}.pem`), key: named(`${name}.key`) }) });
const open = async (name?: string, ca?: string): Promise<LiveTls> => {
  const live = await LiveTls.open(filesOf(name, ca), { refreshMs: 3_600_000 });
  closers.push(() => live.close());
  return live;
};

/** Serves the probe, and says where. */
async function serve(tls: LiveTls | undefined): Promise<string> {
  const host = new RpcHost(tls ? { tls } : {});
  host.register(ProbeDefinition, plainHandlers);
  host.setServing(true);
  const address = await host.listen('localhost:0');
  closers.push(() => host.close());
  return address;
}
const reach = (address: string, tls?: LiveTls): Client<typeof ProbeDefinition> => {
  const client = connect(ProbeDefinition, address, { tls });
  closers.push(() => client.close());
  return client;
};

const refusal = (call: Promise<unknown>): Promise<unknown> => call.then(() => 'no refusal', (error: unknown) => error);

rpcSuite('calls over mutual TLS', async (handlers, options) => {
  const [server, client] = [await LiveTls.open(filesOf('server', 'ca')), await LiveTls.open(filesOf('client', 'ca'))];
  const host = new RpcHost({ ...options, tls: server });
  host.register(ProbeDefinition, handlers);
  const stub = connect(ProbeDefinition, await host.listen('localhost:0'), { tls: client });
  return {
    client: stub,
    drain: () => host.drain(30_000),
    close: async () => {
      stub.close();
      await host.close();
      [server, client].forEach((tls) => tls.close());
    },
  };
});

it('lets in whoever trusts its certificate, by name and by address, where no client certificate is asked for', async () => {
  const address = await serve(await open('server'));
  const tls = await open(undefined, 'ca');
  expect((await reach(address, tls).sum([point(2n)])).step).toBe(2n);
  expect((await reach(address.replace('localhost', '127.0.0.1'), tls).sum([point(3n)])).step).toBe(3n);
});

it.each([
  ['was signed by another authority', 'stranger', 'its certificate was signed by nobody who is trusted here'],
  ['has expired', 'expired', 'its certificate has expired'],
  ['is for another host', 'elsewhere', 'its certificate is for another host: localhost is not among DNS:elsewhere.millrace'],
])('sends nothing to a server whose certificate %s, and says so', async (_, name, why) => {
  const served: unknown[] = [];
  // No process of ours would start with these.
  const shown = { cert: readFileSync(join(folder, `${name}.pem`), 'utf8'), key: readFileSync(join(folder, `${name}.key`), 'utf8') };
  const host = new RpcHost({ tls: { current: shown, follow: () => () => undefined } });
  host.register(ProbeDefinition, { ...plainHandlers, echo: async (row) => (served.push(row), row) });
  const address = await host.listen('localhost:0');
  closers.push(() => host.close());
  const error = await refusal(reach(address, await open('client', 'ca')).echo({}));
  expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'PEER_NOT_TRUSTED', metadata: { method: 'Echo', address, why } });
  expect(served).toEqual([]);
});

it('refuses callers without a certificate, or with one of another authority, and tells them what to look at', async () => {
  const address = await serve(await open('server', 'ca'));
  expect(await refusal(reach(address, await open(undefined, 'ca')).echo({}))).toMatchObject({ reason: 'PEER_NOT_TRUSTED', metadata: { why: 'it asks for a client certificate, and none was shown' } });
  expect(await refusal(reach(address, await open('stranger', 'ca')).echo({}))).toMatchObject({ code: 'UNAVAILABLE', reason: 'CONNECTION_CLOSED', message: expect.stringContaining('client certificate') as string });
});

it('refuses a caller without TLS, and tells one with TLS that there is none', async () => {
  const address = await serve(await open('server'));
  expect(await refusal(reach(address).echo({}))).toMatchObject({ code: 'UNAVAILABLE', reason: 'CONNECTION_CLOSED', message: expect.stringContaining('MILLRACE_TLS_CA_FILE') as string });
  expect(await refusal(reach(await serve(undefined), await open(undefined, 'ca')).echo({}))).toMatchObject({ reason: 'PEER_NOT_TRUSTED', metadata: { why: 'it does not speak TLS' } });
});

it.each(['watch', 'talk'] as const)('says the same of a stream of answers: %s', async (method) => {
  const address = await serve(await open('server', 'ca'));
  const client = reach(address, await open('client', 'stranger-ca'));
  const read = async (): Promise<void> => {
    for await (const _ of method === 'watch' ? client.watch({ step: 1n }) : client.talk([point(1n)])) throw new Error('Nothing may come.');
  };
  expect(await refusal(read())).toMatchObject({ reason: 'PEER_NOT_TRUSTED' });
});

it('answers health checks to those only whom it lets in', async () => {
  const address = await serve(await open('server', 'ca'));
  const [ca, key, cert] = ['ca.pem', 'client.key', 'client.pem'].map((file) => readFileSync(join(folder, file)));
  const check = (channel: ChannelCredentials): Promise<unknown> => {
    const client = new (makeGenericClientConstructor(healthService, 'Health'))(address, channel);
    closers.push(() => client.close());
    return new Promise((resolve) => (client['check'] as (request: unknown, done: (error: unknown, answer: unknown) => void) => void).call(client, { service: ProbeDefinition.fullName }, (error, answer) => resolve(error ?? answer)));
  };
  expect(await check(credentials.createSsl(ca, key, cert))).toMatchObject({ status: 'SERVING' });
  expect(await check(credentials.createSsl(ca))).toMatchObject({ code: status.UNAVAILABLE });
  expect(await check(credentials.createInsecure())).toMatchObject({ code: status.UNAVAILABLE });
});

it('speaks no TLS older than 1.2', async () => {
  const [host, port] = (await serve(await open('server'))).split(':');
  const shake = (version: SecureVersion): Promise<unknown> =>
    new Promise((resolve) => {
      const socket = connectTls({ host: host ?? '', port: Number(port), minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0', ALPNProtocols: ['h2'], ca: readFileSync(join(folder, 'ca.pem')) });
      const end = (heard: unknown): void => {
        socket.destroy();
        resolve(heard);
      };
      socket.once('error', end).once('secureConnect', () => end(socket.getProtocol()));
    });
  expect([await shake('TLSv1.3'), await shake('TLSv1.2')]).toEqual(['TLSv1.3', 'TLSv1.2']);
  expect(handshakeFault(await shake('TLSv1.1'))).toContain('1.2 or newer');
});

it('shows and trusts renewed certificates in new connections, without a restart', async () => {
  const next = await Authority.make('The next one');
  for (const name of ['renewed-server', 'renewed-client']) writeIssued(folder, name, await authority.issue(['localhost']));
  for (const name of ['server-trust', 'client-trust']) writeFileSync(join(folder, `${name}.pem`), authority.pem);
  const server = await open('renewed-server', 'server-trust');
  const client = await open('renewed-client', 'client-trust');
  const address = await serve(server);
  await reach(address, client).echo({});
  for (const name of ['renewed-server', 'renewed-client']) writeIssued(folder, name, await next.issue(['localhost']));
  for (const name of ['server-trust', 'client-trust']) writeFileSync(join(folder, `${name}.pem`), next.pem);
  await server.refresh();
  // Not yet looked at by the client: it still trusts the old authority.
  expect(await refusal(reach(address, await open('client', 'ca')).echo({}))).toMatchObject({ reason: 'PEER_NOT_TRUSTED' });
  await client.refresh();
  expect(await reach(address, client).echo({})).toEqual({ values: {} });
});
