import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, makeCertificates, writeIssued } from '@millrace/tls/fixture';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Env, type HomeConfig, homeConfig, readConfig } from './config.js';
import { openSecurity, type Security } from './security.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-security-'));
let authority: Authority;
beforeAll(async () => {
  ({ authority } = await makeCertificates(folder));
  writeFileSync(at('password'), 'planted-one\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const opened: Security[] = [];
afterEach(() => opened.splice(0).forEach((security) => security.close()));

const at = (name: string): string => join(folder, name);
const open = async (env: Env): Promise<Security> => {
  const security = await openSecurity(homeConfig.parse(env), pino({ level: 'silent' }));
  opened.push(security);
  return security;
};
const SERVING = { MILLRACE_TLS_CERT_FILE: at('server.pem'), MILLRACE_TLS_KEY_FILE: at('server.key') };

describe('The security of a process', () => {
  it('is none where nothing is said', async () => {
    expect(await open({})).toMatchObject({ server: undefined, client: undefined, database: {}, redis: {}, kafka: {} });
  });

  it('serves with its certificate, and calls with the same one or with another', async () => {
    const both = await open({ ...SERVING, MILLRACE_TLS_CA_FILE: at('ca.pem'), MILLRACE_TLS_CLIENT_CA_FILE: at('ca.pem') });
    expect(both.server?.current).toEqual({ ca: authority.pem, cert: both.client?.current.cert, key: both.client?.current.key });
    const other = await open({ ...SERVING, MILLRACE_TLS_CA_FILE: at('ca.pem'), MILLRACE_TLS_CLIENT_CERT_FILE: at('client.pem'), MILLRACE_TLS_CLIENT_KEY_FILE: at('client.key') });
    expect(other.server?.current.ca).toBeUndefined();
    expect(other.client?.current.cert).not.toBe(other.server?.current.cert);
  });

  it('reads passwords anew, so that a changed one is used by the next connection', async () => {
    const { database, kafka } = await open({ MILLRACE_DATABASE_PASSWORD_FILE: at('password'), MILLRACE_KAFKA_TLS: 'on', MILLRACE_KAFKA_SASL_MECHANISM: 'plain', MILLRACE_KAFKA_SASL_USERNAME: 'alice', MILLRACE_KAFKA_SASL_PASSWORD_FILE: at('password') });
    expect(kafka).toEqual({ tls: {}, sasl: { mechanism: 'plain', username: 'alice', password: 'planted-one' } });
    writeFileSync(at('password'), 'planted-two');
    expect(await database.password?.()).toBe('planted-two');
  });

  it('names every file that cannot be used, in one error without what is in them', async () => {
    const faulty = { MILLRACE_TLS_CERT_FILE: at('server.pem'), MILLRACE_TLS_KEY_FILE: at('client.key'), MILLRACE_KAFKA_CA_FILE: at('gone.pem'), MILLRACE_S3_CA_FILE: at('server.key'), MILLRACE_DATABASE_PASSWORD_FILE: at('absent') };
    const error = await open(faulty).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'CONFIGURATION_INVALID' });
    for (const named of ['MILLRACE_TLS_KEY_FILE', 'client.key', 'MILLRACE_KAFKA_CA_FILE', 'gone.pem', 'MILLRACE_S3_CA_FILE', 'MILLRACE_DATABASE_PASSWORD_FILE']) expect(String(error)).toContain(named);
    expect(String(error)).not.toContain('BEGIN');
  });

  it('does not start with a certificate that has ended', async () => {
    writeIssued(folder, 'old', await authority.issue(['localhost'], { days: -1 }));
    await expect(open({ MILLRACE_TLS_CERT_FILE: at('old.pem'), MILLRACE_TLS_KEY_FILE: at('old.key') })).rejects.toThrow('valid from');
  });
});

describe('The variables of security', () => {
  it.each<[string, Env, string]>([
    ['a certificate without its key', { MILLRACE_TLS_CERT_FILE: 'a' }, 'MILLRACE_TLS_CERT_FILE: needs MILLRACE_TLS_KEY_FILE'],
    ['a key without its certificate', { MILLRACE_TLS_KEY_FILE: 'a' }, 'MILLRACE_TLS_KEY_FILE: needs MILLRACE_TLS_CERT_FILE'],
    ['client certificates asked for without TLS', { MILLRACE_TLS_CLIENT_CA_FILE: 'a' }, 'MILLRACE_TLS_CLIENT_CA_FILE: needs MILLRACE_TLS_CERT_FILE'],
    ['a password sent in the clear', { MILLRACE_KAFKA_SASL_MECHANISM: 'plain', MILLRACE_KAFKA_SASL_USERNAME: 'a', MILLRACE_KAFKA_SASL_PASSWORD: 'planted-one' }, 'MILLRACE_KAFKA_SASL_MECHANISM: plain would send the password in the clear'],
    ['a user without a password', { MILLRACE_KAFKA_SASL_MECHANISM: 'scram-sha-256', MILLRACE_KAFKA_SASL_USERNAME: 'a' }, 'needs either MILLRACE_KAFKA_SASL_PASSWORD_FILE or MILLRACE_KAFKA_SASL_PASSWORD'],
    ['two passwords', { MILLRACE_KAFKA_SASL_MECHANISM: 'scram-sha-256', MILLRACE_KAFKA_SASL_USERNAME: 'a', MILLRACE_KAFKA_SASL_PASSWORD: 'planted-one', MILLRACE_KAFKA_SASL_PASSWORD_FILE: 'a' }, 'needs either'],
    ['a CA with TLS turned off', { MILLRACE_KAFKA_TLS: 'off', MILLRACE_KAFKA_CA_FILE: 'a' }, 'MILLRACE_KAFKA_TLS: must be on'],
    ['a CA for a server without TLS', { MILLRACE_S3_CA_FILE: 'a', MILLRACE_S3_ENDPOINT: 'http://s3.example' }, 'MILLRACE_S3_CA_FILE: needs a MILLRACE_S3_ENDPOINT that begins with https://'],
    ['a URL that is none', { MILLRACE_DATABASE_URL: 'postgres//alice:planted-one@host' }, 'MILLRACE_DATABASE_URL'],
  ])('refuse %s, and quote no secret', (_, env, fault) => {
    const read = (): HomeConfig => readConfig([], env).home;
    expect(read).toThrow(fault);
    expect(read).not.toThrow('planted-one');
  });
});
