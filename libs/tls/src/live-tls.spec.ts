import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Authority, makeCertificates, writeIssued } from './certificates.fixture.js';
import { LiveTls, readSecret, readTls, type TlsFiles } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
let authority: Authority;
beforeAll(async () => {
  ({ authority } = await makeCertificates(folder));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const files = (cert: string, key: string, ca = 'ca.pem'): TlsFiles => ({ ca: { variable: 'CA_FILE', file: at(ca) }, cert: { variable: 'CERT_FILE', file: at(cert) }, key: { variable: 'KEY_FILE', file: at(key) } });

it('reads what belongs together', async () => {
  expect(await readTls(files('server.pem', 'server.key'))).toEqual({ ca: readFileSync(at('ca.pem'), 'utf8'), cert: readFileSync(at('server.pem'), 'utf8'), key: readFileSync(at('server.key'), 'utf8') });
  expect(await readTls({})).toEqual({});
});

it.each([
  ['a missing file', files('gone.pem', 'server.key'), 'FILE_UNREADABLE', 'CERT_FILE', 'gone.pem'],
  ['a directory', files('.', 'server.key'), 'FILE_UNREADABLE', 'CERT_FILE', 'it is a directory'],
  ['a key where a certificate should be', files('server.key', 'server.key'), 'CERTIFICATE_UNREADABLE', 'CERT_FILE', 'server.key'],
  ['a certificate where a key should be', files('server.pem', 'server.pem'), 'KEY_UNREADABLE', 'KEY_FILE', 'server.pem'],
  ['the key of another certificate', files('server.pem', 'client.key'), 'KEY_MISMATCH', 'KEY_FILE', 'client.key'],
  ['an own certificate that has ended', files('expired.pem', 'expired.key'), 'CERTIFICATE_OUTDATED', 'CERT_FILE', 'expired.pem'],
  ['authorities that are none', files('server.pem', 'server.key', 'server.key'), 'CERTIFICATE_UNREADABLE', 'CA_FILE', 'server.key'],
])('names the variable and the file of %s, and nothing of what is in it', async (_, given, reason, variable, place) => {
  const error = await readTls(given).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason, message: expect.stringContaining(variable) as string });
  const told = `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
  expect(told).toContain(place);
  expect(told).not.toContain(readFileSync(at('server.key'), 'utf8').split('\n')[1]);
});

it('takes a renewed certificate only once its key has come too, and says once why it waits', async () => {
  const pair = writeIssued(folder, 'renewed', await authority.issue(['localhost']));
  const faults: unknown[] = [];
  const taken: string[] = [];
  const live = await LiveTls.open(files('renewed.pem', 'renewed.key'), { refreshMs: 3_600_000, onFault: (error) => faults.push(error) });
  const first = live.current;
  live.follow(({ cert }) => taken.push(cert ?? ''));
  const next = await authority.issue(['localhost']);
  writeFileSync(pair.cert, next.cert);
  await live.refresh();
  await live.refresh();
  expect([live.current, faults.length, taken]).toEqual([first, 1, []]);
  expect(faults[0]).toMatchObject({ reason: 'KEY_MISMATCH' });
  writeFileSync(pair.key, next.key);
  await live.refresh();
  await live.refresh();
  expect([live.current.cert, taken]).toEqual([next.cert, [next.cert]]);
  live.close();
});

it('looks at its files by itself', async () => {
  const pair = writeIssued(folder, 'watched', await authority.issue(['localhost']));
  const live = await LiveTls.open(files('watched.pem', 'watched.key'), { refreshMs: 5 });
  const renewed = new Promise((resolve) => live.follow(resolve));
  writeIssued(folder, 'watched', await authority.issue(['localhost']));
  await renewed;
  expect(live.current.cert).toBe(readFileSync(pair.cert, 'utf8'));
  live.close();
});

it('reads a password without the line end behind it, and refuses an empty one', async () => {
  const named = { variable: 'PASSWORD_FILE', file: at('password') };
  writeFileSync(named.file, ' two words \n');
  expect(await readSecret(named)).toBe(' two words ');
  writeFileSync(named.file, '\n');
  await expect(readSecret(named)).rejects.toMatchObject({ reason: 'SECRET_EMPTY' });
});

it('says that a key may not be read by this user', async () => {
  writeIssued(folder, 'hidden', await authority.issue(['localhost']));
  chmodSync(at('hidden.key'), 0);
  await asSomebody(() => expect(readTls(files('hidden.pem', 'hidden.key'))).rejects.toThrow('this user may not read it'));
});

/** Root may read everything: for root, the work is done as a user who is nobody. */
async function asSomebody(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  chmodSync(folder, 0o755);
  process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
const NOBODY = 65_534;
