import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeCertificates } from './certificates.fixture.js';

const SERVERS = fileURLToPath(new URL('../../../tools/servers/servers.mjs', import.meta.url));
const run = promisify(execFile);

/** A real server of one spec that takes TLS only, and the certificates around it. */
export interface SecureServer {
  /** As its kind writes it, without a password; the host is localhost. */
  readonly url: string;
  /** The path of a file of `makeCertificates`, such as `ca.pem`. */
  at(name: string): string;
  wipe(): Promise<void>;
}

/** Starts a server of a kind of tools/servers; with a user, nobody else is let in. */
export async function startSecureServer(kind: 'kafka' | 'postgres' | 'redis' | 's3', user?: { readonly name: string; readonly password: string }): Promise<SecureServer> {
  const below = process.env['MILLRACE_TEST_SERVERS'];
  if (below === undefined) throw new Error('MILLRACE_TEST_SERVERS is not set; run npm run test:cluster, which says where servers may be started.');
  const dir = mkdtempSync(join(below, `tls-${kind}-`));
  const certificates = join(dir, 'certificates');
  await makeCertificates(certificates);
  const servers = async (command: string, ...more: readonly string[]): Promise<string> => (await run(process.execPath, [SERVERS, command, kind, '--dir', dir, '--json', ...more])).stdout;
  const urls = JSON.parse(await servers('start', '--tls', certificates, ...(user ? ['--user', `${user.name}:${user.password}`] : []))) as Readonly<Record<string, string>>;
  return { url: urls[kind] ?? '', at: (name) => join(certificates, name), wipe: async () => void (await servers('wipe')) };
}
