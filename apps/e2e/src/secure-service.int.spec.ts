import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { openKafkaBus } from '@millrace/events';
import { type Client, connect } from '@millrace/rpc';
import { eventually, type OtlpReceiver, startOtlpReceiver } from '@millrace/testing';
import { LiveTls } from '@millrace/tls';
import { makeCertificates } from '@millrace/tls/fixture';
import { type SecureServer, startSecureServer } from '@millrace/tls/server-fixture';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from './service-process.fixture.js';

const DATABASE_PASSWORD = 'planted-database-password';
const KAFKA_PASSWORD = 'planted-kafka-password';
const WRONG_PASSWORD = 'planted-wrong-password';
const BUCKET = 'secure';
const TOPIC = 'millrace.ingestion.v1';

const folder = mkdtempSync(join(tmpdir(), 'millrace-secure-'));
const at = (name: string): string => join(folder, name);
let kafka: SecureServer;
let postgres: SecureServer;
let s3: SecureServer;
let traces: OtlpReceiver;
let env: Readonly<Record<string, string>>;
let secrets: readonly string[];

beforeAll(async () => {
  [kafka, postgres, s3, traces] = await Promise.all([
    startSecureServer('kafka', { name: 'alice', password: KAFKA_PASSWORD }),
    startSecureServer('postgres', { name: 'alice', password: DATABASE_PASSWORD }),
    startSecureServer('s3'),
    startOtlpReceiver(),
    makeCertificates(folder),
  ]);
  const { username, password, host } = new URL(s3.url);
  writeFileSync(at('database-password'), `${DATABASE_PASSWORD}\n`);
  writeFileSync(at('wrong-password'), `${WRONG_PASSWORD}\n`);
  writeFileSync(at('flights.csv'), 'id,delay\n1,5\n2,7\n');
  env = {
    MILLRACE_DATA_DIR: at('data'),
    MILLRACE_SOURCE_ROOTS: folder,
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
    MILLRACE_TLS_CERT_FILE: at('server.pem'),
    MILLRACE_TLS_KEY_FILE: at('server.key'),
    MILLRACE_TLS_CLIENT_CA_FILE: at('ca.pem'),
    MILLRACE_TLS_CA_FILE: at('ca.pem'),
    MILLRACE_DATABASE_URL: postgres.url,
    MILLRACE_DATABASE_CA_FILE: postgres.at('ca.pem'),
    MILLRACE_DATABASE_PASSWORD_FILE: at('database-password'),
    MILLRACE_KAFKA_BROKERS: kafka.url,
    MILLRACE_KAFKA_CA_FILE: kafka.at('ca.pem'),
    MILLRACE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    MILLRACE_KAFKA_SASL_USERNAME: 'alice',
    MILLRACE_KAFKA_SASL_PASSWORD: KAFKA_PASSWORD,
    MILLRACE_S3_BUCKET: BUCKET,
    MILLRACE_S3_ENDPOINT: `https://${host}`,
    MILLRACE_S3_CA_FILE: s3.at('ca.pem'),
    AWS_ACCESS_KEY_ID: username,
    AWS_SECRET_ACCESS_KEY: password,
  };
  secrets = [DATABASE_PASSWORD, KAFKA_PASSWORD, WRONG_PASSWORD, password, ...['server.key', 'client.key'].map((file) => readFileSync(at(file), 'utf8').split('\n')[1] ?? '')];
  const client = new S3Client({ region: 'us-east-1', endpoint: `https://${host}`, forcePathStyle: true, credentials: { accessKeyId: username, secretAccessKey: password }, requestHandler: { httpsAgent: { ca: readFileSync(s3.at('ca.pem')) } } });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
});
afterAll(async () => {
  await Promise.all([kafka.wipe(), postgres.wipe(), s3.wipe(), traces.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** The secrets that a text gives away. */
const found = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret));

/** Every file below a folder, as text. */
const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'));

const read = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false, ca: readFileSync(at('ca.pem')) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => resolve(body));
    }).once('error', reject);
  });

describe('A service with everything by TLS', () => {
  let service: ServiceProcess;
  let client: Client<typeof IngestionServiceDefinition> & { close(): void };
  let tls: LiveTls;
  let http: string;
  beforeAll(async () => {
    service = new ServiceProcess('ingestion', env);
    const addresses = await service.ready();
    http = addresses.http;
    const named = (file: string) => ({ variable: 'SPEC', file: at(file) });
    tls = await LiveTls.open({ ca: named('ca.pem'), cert: named('client.pem'), key: named('client.key') });
    client = connect(IngestionServiceDefinition, addresses.grpc, { tls });
  });
  afterAll(async () => {
    client.close();
    tls.close();
    await service.stop();
  });

  it('takes data in: rows by PostgreSQL, objects by S3 out of a job, the event by Kafka', async () => {
    await client.createDataset({ dataset: { name: 'datasets/flights' } });
    let run = await client.createIngestionRun({ ingestionRun: { dataset: 'datasets/flights', source: { path: at('flights.csv') } } });
    for await (const state of client.watchIngestionRun({ name: run.name })) run = state;
    expect(run).toMatchObject({ status: { state: JobState.SUCCEEDED } });
    const bus = await openKafkaBus({ brokers: [kafka.url], tls: { ca: readFileSync(kafka.at('ca.pem'), 'utf8') }, sasl: { mechanism: 'plain', username: 'alice', password: KAFKA_PASSWORD } });
    await eventually('the event in Kafka', async () => {
      for await (const { headers } of bus.replay(TOPIC, { from: 0n })) if (headers['ce_type']?.includes('DatasetVersionCreated')) return true;
      return false;
    });
    await bus.close();
  });

  it('gives no secret away: in its metrics, its traces, its files, and what it says when its servers are gone', async () => {
    expect(found(await read(`${http}/metrics`))).toEqual([]);
    await postgres.wipe();
    const error = await client.createDataset({ dataset: { name: 'datasets/later' } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(found(inspect(error, { depth: 12, showHidden: true }))).toEqual([]);
    expect(await service.stop()).toBe(0);
    expect(service.lines.length).toBeGreaterThan(3);
    expect(found(service.lines.join('\n'))).toEqual([]);
    expect(traces.spans.length).toBeGreaterThan(0);
    expect(found(JSON.stringify(traces.spans))).toEqual([]);
    const files = filesBelow(at('data'));
    expect(files.length).toBeGreaterThan(0);
    expect(found(files.join('\n'))).toEqual([]);
    // The checker itself: it finds what is there.
    expect(found(`x ${KAFKA_PASSWORD} y`)).toEqual([KAFKA_PASSWORD]);
  });
});

it.each<[string, Readonly<Record<string, string>>, string]>([
  ['a wrong password of Kafka', { MILLRACE_KAFKA_SASL_PASSWORD: WRONG_PASSWORD }, 'MILLRACE_KAFKA_SASL_USERNAME'],
  ['brokers of another authority', { MILLRACE_KAFKA_CA_FILE: at('stranger-ca.pem') }, 'signed by nobody who is trusted here'],
  ['a key of another certificate', { MILLRACE_TLS_KEY_FILE: at('client.key') }, 'MILLRACE_TLS_KEY_FILE: the key in'],
  ['a password file that is not there', { MILLRACE_DATABASE_PASSWORD_FILE: at('gone') }, 'MILLRACE_DATABASE_PASSWORD_FILE names'],
])('does not start with %s, says why, and gives no secret away', async (_, more, why) => {
  const service = new ServiceProcess('ingestion', { ...env, ...more, MILLRACE_DATA_DIR: at('other') });
  expect(await service.ended()).toBe(1);
  expect(service.lines.join('\n')).toContain(why);
  expect(found(service.lines.join('\n'))).toEqual([]);
});

describe('The database', () => {
  beforeAll(async () => {
    postgres = await startSecureServer('postgres', { name: 'alice', password: DATABASE_PASSWORD });
  });

  it.each<[string, (url: string) => Readonly<Record<string, string>>, string]>([
    ['a wrong password', () => ({ MILLRACE_DATABASE_PASSWORD_FILE: at('wrong-password') }), 'password authentication failed'],
    ['a wrong password in the URL', (url) => ({ MILLRACE_DATABASE_URL: url.replace('alice@', `alice:${WRONG_PASSWORD}@`) }), 'password authentication failed'],
    ['nobody without a password', () => ({}), 'client password must be'],
    ['another authority', () => ({ MILLRACE_DATABASE_CA_FILE: at('stranger-ca.pem') }), 'signed by nobody who is trusted here'],
    ['a URL that would not verify', (url) => ({ MILLRACE_DATABASE_URL: `${url.replace('alice@', `alice:${WRONG_PASSWORD}@`)}?sslmode=no-verify` }), 'would trust whoever answers'],
  ])('refuses %s, and the service says so without the secret', async (_what, more, why) => {
    const { MILLRACE_DATABASE_PASSWORD_FILE: _, ...others } = env;
    const service = new ServiceProcess('ingestion', { ...others, MILLRACE_DATABASE_URL: postgres.url, MILLRACE_DATABASE_CA_FILE: postgres.at('ca.pem'), MILLRACE_DATA_DIR: at('third'), ...more(postgres.url) });
    expect(await service.ended()).toBe(1);
    expect(service.lines.join('\n')).toContain(why);
    expect(found(service.lines.join('\n'))).toEqual([]);
  });
});
