import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { TlsMaterial } from '@millrace/tls';
import { type SecureServer, startSecureServer } from '@millrace/tls/server-fixture';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaBusOptions, openKafkaBus } from './index.js';
import { recordOf } from './records.fixture.js';

const PASSWORD = 'planted-kafka-password';
const WRONG = 'planted-wrong-password';

let server: SecureServer;
const pem = (name: string): string => readFileSync(server.at(name), 'utf8');
const trusting = (ca = 'ca', own?: string): TlsMaterial => ({ ca: pem(`${ca}.pem`), ...(own === undefined ? {} : { cert: pem(`${own}.pem`), key: pem(`${own}.key`) }) });
const refusal = async (options: Omit<KafkaBusOptions, 'brokers'>): Promise<unknown> => {
  const error = await openKafkaBus({ brokers: [server.url], ...options }).then(async (bus) => (await bus.close(), 'no refusal'), (thrown: unknown) => thrown);
  expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/planted-/);
  return error;
};

/** Publishes and reads back. */
async function works(topic: string, options: Omit<KafkaBusOptions, 'brokers'>): Promise<void> {
  const bus = await openKafkaBus({ brokers: [server.url], ...options });
  try {
    await bus.publish([recordOf(topic, 'k', 'v')]);
    const read: string[] = [];
    for await (const { value } of bus.replay(topic, { from: 0n })) read.push(Buffer.from(value).toString());
    expect(read).toEqual(['v']);
  } finally {
    await bus.close();
  }
}

describe('Kafka by TLS with user and password', () => {
  beforeAll(async () => {
    server = await startSecureServer('kafka', { name: 'alice', password: PASSWORD });
  });
  afterAll(() => server.wipe());

  const sasl = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', password = PASSWORD, username = 'alice') => ({ mechanism, username, password });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('takes and gives events to who shows the password by %s, and to nobody else', async (mechanism) => {
    await works(`secure.${mechanism}`, { tls: trusting(), sasl: sasl(mechanism) });
    expect(await refusal({ tls: trusting(), sasl: sasl(mechanism, WRONG) })).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'KAFKA_DENIED', message: expect.stringContaining('MILLRACE_KAFKA_SASL_USERNAME') as string });
    expect(await refusal({ tls: trusting(), sasl: sasl(mechanism, PASSWORD, 'mallory') })).toMatchObject({ reason: 'KAFKA_DENIED' });
  });

  it('shows the password to no broker whose authority is not trusted', async () => {
    expect(await refusal({ tls: trusting('stranger-ca'), sasl: sasl('plain') })).toMatchObject({ code: 'UNAVAILABLE', reason: 'KAFKA_UNTRUSTED', metadata: { why: 'its certificate was signed by nobody who is trusted here' } });
    expect(await refusal({ tls: {}, sasl: sasl('plain') })).toMatchObject({ reason: 'KAFKA_UNTRUSTED' });
  });

  it('fails where TLS or the password is left out', async () => {
    // Neither is final, so each is tried for as long as a cluster may be away: both at once.
    const [withoutTls, withoutPassword] = await Promise.all([refusal({ sasl: sasl('scram-sha-512') }), refusal({ tls: trusting() })]);
    expect(withoutTls).toMatchObject({ code: 'UNAVAILABLE', reason: 'KAFKA_UNREACHABLE', message: expect.stringContaining('MILLRACE_KAFKA_TLS=on') as string });
    expect(withoutPassword).toMatchObject({ reason: expect.stringMatching(/KAFKA_UNREACHABLE|KAFKA_DENIED/) as string });
  });
});

describe('Kafka by mutual TLS', () => {
  beforeAll(async () => {
    server = await startSecureServer('kafka');
  });
  afterAll(() => server.wipe());

  it('takes and gives events to who shows a certificate of its authority, and to nobody else', async () => {
    await works('secure.mutual', { tls: trusting('ca', 'client') });
    expect(await refusal({ tls: trusting('ca') })).toMatchObject({ reason: 'KAFKA_UNTRUSTED', metadata: { why: expect.stringContaining('client certificate') as string } });
    expect(await refusal({ tls: trusting('ca', 'stranger') })).toMatchObject({ reason: 'KAFKA_UNTRUSTED', metadata: { why: expect.stringContaining('client certificate') as string } });
    expect(await refusal({ tls: trusting('ca', 'expired') })).toMatchObject({ reason: 'KAFKA_UNTRUSTED', metadata: { why: expect.stringContaining('client certificate') as string } });
  });
});
