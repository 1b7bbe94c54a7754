import { expect, it } from 'vitest';
import { postgresConnection } from './postgres-connection.js';

const URL_OF = 'postgresql://alice:se%2Fcret@db.example:6432/mill';

it('is without TLS where nobody asks for it, whatever the environment of pg says', () => {
  expect(postgresConnection({ url: `${URL_OF}?application_name=x` })).toEqual({ user: 'alice', password: 'se/cret', host: 'db.example', port: 6432, database: 'mill', application_name: 'x', ssl: false });
  expect(postgresConnection({ url: `${URL_OF}?sslmode=disable` }).ssl).toBe(false);
  expect(postgresConnection({ url: 'postgresql:///mill?host=/run/postgresql' })).toEqual({ database: 'mill', host: '/run/postgresql', ssl: false });
});

it('is by verified TLS once a CA is given or the URL asks for it', () => {
  const verified = { minVersion: 'TLSv1.2' };
  expect(postgresConnection({ url: URL_OF, tls: { ca: 'PEM' } }).ssl).toEqual({ ca: 'PEM', ...verified });
  for (const mode of ['require', 'verify-ca', 'verify-full']) expect(postgresConnection({ url: `${URL_OF}?sslmode=${mode}` }).ssl).toEqual(verified);
});

it('takes the password of a file over one in the URL', () => {
  const password = async (): Promise<string> => 'other';
  expect(postgresConnection({ url: URL_OF, password }).password).toBe(password);
});

it.each([
  ['sslmode=no-verify', 'would trust whoever answers'],
  ['sslmode=prefer', 'would go on without TLS where the server offers none'],
  ['sslmode=allow', 'would go on without TLS'],
  ['sslmode=on', 'is no such mode'],
  ['sslrootcert=/tmp/ca.pem', 'is not read from the URL'],
  ['uselibpqcompat=true&sslmode=require', 'is not read from the URL'],
  ['ssl=true', 'is not read from the URL'],
])('refuses ?%s, which %s', (query, why) => {
  const connect = (): unknown => postgresConnection({ url: `${URL_OF}?${query}` });
  expect(connect).toThrow(why);
  expect(connect).toThrow('MILLRACE_DATABASE_CA_FILE');
  expect(connect).not.toThrow(/se(?:%2F|\/)cret/);
});

it('refuses a CA together with sslmode=disable', () => {
  expect(() => postgresConnection({ url: `${URL_OF}?sslmode=disable`, tls: { ca: 'PEM' } })).toThrow('contradicts the CA file');
});
