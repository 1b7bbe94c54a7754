import { z } from 'zod';

const file = (says: string) => z.string().min(1).optional().describe(says);
const own = (of: string) => `${of}, as PEM with those that signed it behind it.`;
const trusted = (whom: string) => `PEM file of the authorities that ${whom} must be signed by.`;

/** What says whom a process trusts, what it shows of itself, and where its passwords lie. */
export const securityVariables = {
  MILLRACE_TLS_CERT_FILE: file(own('PEM file of the certificate that gRPC and HTTP are served with')),
  MILLRACE_TLS_KEY_FILE: file('PEM file of the key of MILLRACE_TLS_CERT_FILE, without a passphrase.'),
  MILLRACE_TLS_CLIENT_CA_FILE: file(`${trusted('certificates of callers')} With it, who shows none is refused (mutual TLS); /healthz, /readyz and /metrics stay open.`),
  MILLRACE_TLS_CA_FILE: file(`${trusted('certificates of the other services')} With it, they are called by TLS.`),
  MILLRACE_TLS_CLIENT_CERT_FILE: file(own('PEM file of the certificate that is shown to other services; without it MILLRACE_TLS_CERT_FILE')),
  MILLRACE_TLS_CLIENT_KEY_FILE: file('PEM file of the key of MILLRACE_TLS_CLIENT_CERT_FILE, without a passphrase.'),
  MILLRACE_DATABASE_CA_FILE: file(`${trusted('the certificate of PostgreSQL')} With it, PostgreSQL is spoken to by TLS; without it, and with sslmode=require in the URL, public authorities are trusted.`),
  MILLRACE_DATABASE_CERT_FILE: file(own('PEM file of the certificate that is shown to PostgreSQL')),
  MILLRACE_DATABASE_KEY_FILE: file('PEM file of the key of MILLRACE_DATABASE_CERT_FILE.'),
  MILLRACE_DATABASE_PASSWORD_FILE: file('File with the password for PostgreSQL, in the place of one in the URL; read anew for each connection.'),
  MILLRACE_KAFKA_TLS: z.enum(['on', 'off']).optional().describe('Whether brokers are spoken to by TLS; on when MILLRACE_KAFKA_CA_FILE is set. Without that file public authorities are trusted.'),
  MILLRACE_KAFKA_CA_FILE: file(trusted('certificates of brokers')),
  MILLRACE_KAFKA_CERT_FILE: file(own('PEM file of the certificate that is shown to brokers')),
  MILLRACE_KAFKA_KEY_FILE: file('PEM file of the key of MILLRACE_KAFKA_CERT_FILE.'),
  MILLRACE_KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional().describe('How a user name and a password are shown to brokers; plain only by TLS.'),
  MILLRACE_KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('The user for brokers.'),
  MILLRACE_KAFKA_SASL_PASSWORD: z.string().min(1).optional().describe('The password for brokers; better in MILLRACE_KAFKA_SASL_PASSWORD_FILE.'),
  MILLRACE_KAFKA_SASL_PASSWORD_FILE: file('File with the password for brokers.'),
  MILLRACE_REDIS_CA_FILE: file(`${trusted('the certificate of Redis')} With it, Redis is spoken to by TLS.`),
  MILLRACE_REDIS_CERT_FILE: file(own('PEM file of the certificate that is shown to Redis')),
  MILLRACE_REDIS_KEY_FILE: file('PEM file of the key of MILLRACE_REDIS_CERT_FILE.'),
  MILLRACE_REDIS_PASSWORD_FILE: file('File with the password for Redis, in the place of one in its URL.'),
  MILLRACE_S3_CA_FILE: file(`${trusted('the certificate of the S3 server')} Without it public authorities are trusted; keys are read from the environment or the files of the AWS SDK.`),
} as const;

type Given = Readonly<Partial<Record<keyof typeof securityVariables | 'MILLRACE_S3_ENDPOINT' | 'MILLRACE_DATABASE_URL', string | undefined>>>;
type Variable = keyof Given;

/** Variables that mean something only with others. */
const NEEDS: readonly (readonly [Variable, readonly Variable[]])[] = [
  ['MILLRACE_TLS_CERT_FILE', ['MILLRACE_TLS_KEY_FILE']],
  ['MILLRACE_TLS_KEY_FILE', ['MILLRACE_TLS_CERT_FILE']],
  ['MILLRACE_TLS_CLIENT_CA_FILE', ['MILLRACE_TLS_CERT_FILE']],
  ['MILLRACE_TLS_CLIENT_CERT_FILE', ['MILLRACE_TLS_CLIENT_KEY_FILE', 'MILLRACE_TLS_CA_FILE']],
  ['MILLRACE_TLS_CLIENT_KEY_FILE', ['MILLRACE_TLS_CLIENT_CERT_FILE']],
  ['MILLRACE_DATABASE_CERT_FILE', ['MILLRACE_DATABASE_KEY_FILE', 'MILLRACE_DATABASE_CA_FILE']],
  ['MILLRACE_DATABASE_KEY_FILE', ['MILLRACE_DATABASE_CERT_FILE']],
  ['MILLRACE_KAFKA_CERT_FILE', ['MILLRACE_KAFKA_KEY_FILE']],
  ['MILLRACE_KAFKA_KEY_FILE', ['MILLRACE_KAFKA_CERT_FILE']],
  ['MILLRACE_KAFKA_SASL_MECHANISM', ['MILLRACE_KAFKA_SASL_USERNAME']],
  ['MILLRACE_KAFKA_SASL_USERNAME', ['MILLRACE_KAFKA_SASL_MECHANISM']],
  ['MILLRACE_KAFKA_SASL_PASSWORD', ['MILLRACE_KAFKA_SASL_MECHANISM']],
  ['MILLRACE_KAFKA_SASL_PASSWORD_FILE', ['MILLRACE_KAFKA_SASL_MECHANISM']],
  ['MILLRACE_REDIS_CERT_FILE', ['MILLRACE_REDIS_KEY_FILE', 'MILLRACE_REDIS_CA_FILE']],
  ['MILLRACE_REDIS_KEY_FILE', ['MILLRACE_REDIS_CERT_FILE']],
];

/** Tells of variables without those that they need, and of such that say two different things. */
export function checkSecurity(given: Given, tell: (variable: Variable, fault: string) => void): void {
  for (const [variable, needed] of NEEDS) {
    const absent = given[variable] === undefined ? [] : needed.filter((each) => given[each] === undefined);
    if (absent.length > 0) tell(variable, `needs ${absent.join(' and ')} as well`);
  }
  const { MILLRACE_KAFKA_TLS: tls, MILLRACE_KAFKA_CA_FILE: ca, MILLRACE_KAFKA_CERT_FILE: cert, MILLRACE_KAFKA_SASL_MECHANISM: mechanism } = given;
  const isOn = tls === 'on' || (tls === undefined && ca !== undefined);
  if (!isOn && (ca !== undefined || cert !== undefined)) tell('MILLRACE_KAFKA_TLS', 'must be on for MILLRACE_KAFKA_CA_FILE and MILLRACE_KAFKA_CERT_FILE');
  if (!isOn && mechanism === 'plain') tell('MILLRACE_KAFKA_SASL_MECHANISM', 'plain would send the password in the clear; set MILLRACE_KAFKA_TLS=on, or take scram-sha-512');
  const passwords = [given.MILLRACE_KAFKA_SASL_PASSWORD, given.MILLRACE_KAFKA_SASL_PASSWORD_FILE].filter((each) => each !== undefined).length;
  if (mechanism !== undefined && passwords !== 1) tell('MILLRACE_KAFKA_SASL_MECHANISM', 'needs either MILLRACE_KAFKA_SASL_PASSWORD_FILE or MILLRACE_KAFKA_SASL_PASSWORD');
  if (given.MILLRACE_S3_CA_FILE !== undefined && given.MILLRACE_S3_ENDPOINT?.startsWith('http://') === true) tell('MILLRACE_S3_CA_FILE', 'needs a MILLRACE_S3_ENDPOINT that begins with https://');
}
