import { openKafkaBus } from '@millrace/events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresConnection } from '@millrace/store';
import { type SecureServer, startSecureServer } from '@millrace/tls/server-fixture';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countsOf, faultOf, type Ingestion, startIngestion } from '../ingestion.fixture.js';

const SPEC_MS = 240_000;
const PASSWORD = 'planted-source-password';
const USER = 'alice';

let kafka: SecureServer;
let postgres: SecureServer;
let ingestion: Ingestion;
beforeAll(async () => {
  [kafka, postgres] = await Promise.all([startSecureServer('kafka', { name: USER, password: PASSWORD }), startSecureServer('postgres', { name: USER, password: PASSWORD })]);
  const secret = join(kafka.at('ca.pem'), '..', 'source.password');
  writeFileSync(secret, `${PASSWORD}\n`);
  const database = new URL(postgres.url);
  database.username = USER;
  const brokers = `kafka://${USER}:x@${kafka.url}`;
  const variables = {
    MILLRACE_SOURCE_KAFKA: brokers,
    MILLRACE_SOURCE_KAFKA_CA_FILE: kafka.at('ca.pem'),
    MILLRACE_SOURCE_KAFKA_PASSWORD_FILE: secret,
    MILLRACE_SOURCE_KAFKA_STRANGER: brokers,
    MILLRACE_SOURCE_KAFKA_STRANGER_CA_FILE: kafka.at('stranger-ca.pem'),
    MILLRACE_SOURCE_KAFKA_STRANGER_PASSWORD_FILE: secret,
    MILLRACE_SOURCE_PG: database.toString(),
    MILLRACE_SOURCE_PG_CA_FILE: postgres.at('ca.pem'),
    MILLRACE_SOURCE_PG_PASSWORD_FILE: secret,
    MILLRACE_SOURCE_PG_STRANGER: database.toString(),
    MILLRACE_SOURCE_PG_STRANGER_CA_FILE: postgres.at('stranger-ca.pem'),
    MILLRACE_SOURCE_PG_STRANGER_PASSWORD_FILE: secret,
    MILLRACE_SOURCE_PG_MISSING: database.toString(),
    MILLRACE_SOURCE_PG_MISSING_CA_FILE: '/nowhere/ca.pem',
  };
  // Jobs see these of their parent.
  Object.assign(process.env, variables);
  ingestion = await startIngestion({ MILLRACE_SOURCE_CONNECTIONS: ['KAFKA', 'KAFKA_STRANGER', 'PG', 'PG_STRANGER', 'PG_MISSING'].map((name) => `MILLRACE_SOURCE_${name}`).join(',') });
}, SPEC_MS);
afterAll(async () => {
  await ingestion.close();
  await Promise.all([kafka.wipe(), postgres.wipe()]);
}, SPEC_MS);

const read = async (source: object) => ingestion.ended(await ingestion.create('', { source }));

it('reads a topic of brokers whose authority it trusts, with the password of a file, and speaks to no others', async () => {
  const bus = await openKafkaBus({ brokers: [kafka.url], tls: { ca: readFileSync(kafka.at('ca.pem'), 'utf8') }, sasl: { mechanism: 'scram-sha-512', username: USER, password: PASSWORD } });
  await bus.publish([{ topic: 'secure', key: '', value: new TextEncoder().encode('{"id":1}'), headers: {} }]);
  await bus.close();
  expect(countsOf(await read({ kafka: { connection: 'MILLRACE_SOURCE_KAFKA', topic: 'secure' } }))).toMatchObject({ read: 1, kept: 1 });
  const stranger = faultOf(await read({ kafka: { connection: 'MILLRACE_SOURCE_KAFKA_STRANGER', topic: 'secure' } }));
  expect(stranger).toMatchObject({ reason: 'SOURCE_UNREACHABLE', message: expect.stringContaining('signed by nobody who is trusted here') });
  expect(stranger.message).not.toContain('planted-');
}, SPEC_MS);

it('reads a table of a database whose authority it trusts, with the password of a file, and speaks to no others', async () => {
  const database = new URL(postgres.url);
  database.username = USER;
  const client = new pg.Client(postgresConnection({ url: database.toString(), tls: { ca: readFileSync(postgres.at('ca.pem'), 'utf8') }, password: async () => PASSWORD }));
  await client.connect();
  await client.query('CREATE TABLE secure AS SELECT 1 AS id').finally(() => client.end());
  expect(countsOf(await read({ postgres: { connection: 'MILLRACE_SOURCE_PG', table: 'secure' } }))).toMatchObject({ read: 1, kept: 1 });
  const stranger = faultOf(await read({ postgres: { connection: 'MILLRACE_SOURCE_PG_STRANGER', table: 'secure' } }));
  expect(stranger.reason).toBe('SOURCE_UNREACHABLE');
  expect(stranger.message).toMatch(/certificate|trusted/);
  expect(stranger.message).not.toContain('planted-');
  expect(faultOf(await read({ postgres: { connection: 'MILLRACE_SOURCE_PG_MISSING', table: 'secure' } })).message).toContain('MILLRACE_SOURCE_PG_MISSING_CA_FILE');
}, SPEC_MS);
