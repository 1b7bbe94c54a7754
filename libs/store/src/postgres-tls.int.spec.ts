import { readFileSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { readSecret } from '@millrace/tls';
import { type SecureServer, startSecureServer } from '@millrace/tls/server-fixture';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type PostgresOptions, type Store } from './index.js';
import { eventOf, modelMigrations, modelRow, type ModelTables } from './store.suite.js';

const PASSWORD = 'planted-database-password';
const WRONG = 'planted-wrong-password';
let server: SecureServer;
beforeAll(async () => {
  server = await startSecureServer('postgres', { name: 'alice', password: PASSWORD });
});
afterAll(() => server.wipe());

const pem = (name: string): string => readFileSync(server.at(name), 'utf8');
/** The URL with a password, and with what stands behind the question mark. */
const urlWith = (password: string, query = ''): string => server.url.replace('alice@', `alice:${password}@`) + query;
const open = (options: Partial<PostgresOptions>): Promise<Store<ModelTables>> => openStore<ModelTables>({ postgres: { url: urlWith(PASSWORD), schema: 'secure', ...options }, migrations: modelMigrations });
const refusal = async (options: Partial<PostgresOptions>): Promise<unknown> => {
  const error = await open(options).then(async (store) => (await store.close(), 'no refusal'), (thrown: unknown) => thrown);
  expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/planted-/);
  return error;
};

it('keeps rows and ships events of a server that takes TLS only, with the password in a file', async () => {
  const file = server.at('password');
  writeFileSync(file, `${PASSWORD}\n`);
  const store = await open({ url: server.url, tls: { ca: pem('ca.pem') }, password: () => readSecret({ variable: 'SPEC', file }) });
  const shipped = Promise.withResolvers<number>();
  const relay = store.relay(async (records) => shipped.resolve(records.length));
  await store.write(async (tx, emit) => {
    await tx.insertInto('models').values(modelRow('m1')).execute();
    emit(eventOf('m1'));
  });
  expect(await shipped.promise).toBe(1);
  expect((await sql<{ ssl: boolean; version: string }>`select ssl, version from pg_stat_ssl where pid = pg_backend_pid()`.execute(store.db)).rows).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
  await relay.stop();
  await store.close();
});

it.each(['require', 'verify-ca', 'verify-full'])('verifies the certificate and the host with sslmode=%s', async (mode) => {
  await (await open({ url: urlWith(PASSWORD, `?sslmode=${mode}`), tls: { ca: pem('ca.pem') } })).close();
  // Without a CA of its own only public authorities are trusted.
  for (const tls of [{}, { ca: pem('stranger-ca.pem') }]) {
    expect(await refusal({ url: urlWith(PASSWORD, `?sslmode=${mode}`), tls })).toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNTRUSTED', metadata: { why: 'its certificate was signed by nobody who is trusted here' } });
  }
  expect(await refusal({ url: urlWith(PASSWORD, `?sslmode=${mode}`).replace('localhost', '127.0.0.2'), tls: { ca: pem('ca.pem') } })).toMatchObject({ code: 'UNAVAILABLE' });
});

it('shows the password to no server whose authority is not trusted', async () => {
  expect(await refusal({ tls: { ca: pem('stranger-ca.pem') } })).toMatchObject({ reason: 'STORE_UNTRUSTED', message: expect.stringContaining('MILLRACE_DATABASE_CA_FILE') as string });
});

it('says what is wrong with a password, or that the server wants TLS', async () => {
  expect(await refusal({ url: urlWith(WRONG), tls: { ca: pem('ca.pem') } })).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'STORE_REFUSED', message: expect.stringContaining('password authentication failed') as string });
  expect(await refusal({})).toMatchObject({ reason: 'STORE_REFUSED', message: expect.stringContaining('no encryption') as string });
});
