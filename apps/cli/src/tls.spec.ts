import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { makeCertificates } from '@millrace/tls/fixture';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './terminal.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-tls-'));
const at = (name: string): string => join(folder, name);
let home: Home;
let address: string;
beforeAll(async () => {
  await makeCertificates(folder);
  home = await startHome([standInService([standIn(MonitorServiceDefinition, { listAlerts: async () => ({ alerts: [], nextPageToken: '' }) })])], {
    env: { MILLRACE_TLS_CERT_FILE: at('server.pem'), MILLRACE_TLS_KEY_FILE: at('server.key'), MILLRACE_TLS_CLIENT_CA_FILE: at('ca.pem') },
  });
  address = home.grpcAddress.replace('127.0.0.1', 'localhost');
});
afterAll(async () => {
  await home.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (options: string, env = {}) => run(`alerts list --address ${address} ${options}`, { env });

it('asks by mutual TLS, as options or variables say', async () => {
  expect(await ask(`--tls-ca ${at('ca.pem')} --tls-cert ${at('client.pem')} --tls-key ${at('client.key')}`)).toMatchObject({ code: 0, err: '' });
  expect(await ask('', { MILLRACE_TLS_CA_FILE: at('ca.pem'), MILLRACE_TLS_CLIENT_CERT_FILE: at('client.pem'), MILLRACE_TLS_CLIENT_KEY_FILE: at('client.key') })).toMatchObject({ code: 0, err: '' });
});

it.each([
  ['', 3, 'it closes the connection. If it serves TLS, say whom to trust by --tls-ca'],
  ['--tls-ca CA', 3, 'it asks for a client certificate, and none was shown'],
  ['--tls-ca STRANGER', 3, 'its certificate was signed by nobody who is trusted here'],
  ['--tls-ca GONE', 1, '--tls-ca names'],
  ['--tls-cert CERT --tls-key KEY', 2, '--tls-cert needs more'],
  ['--tls-ca CA --tls-key KEY', 2, '--tls-key needs more'],
  ['--tls-ca CA --tls-cert CERT --tls-key OTHER', 1, '--tls-key: the key in'],
])('says what is missing when it is told "%s"', async (options, code, told) => {
  const files = { CA: at('ca.pem'), STRANGER: at('stranger-ca.pem'), GONE: at('gone.pem'), CERT: at('client.pem'), KEY: at('client.key'), OTHER: at('server.key') };
  const answer = await ask(options.replace(/[A-Z]+/g, (word) => files[word as keyof typeof files]));
  expect(answer).toMatchObject({ code, out: '' });
  expect(answer.err).toContain(told);
});
