import type { TlsMaterial } from '@millrace/tls';
import type { ClientConfig } from 'pg';
import { errors } from './errors.js';

/** Which PostgreSQL, and how it is spoken to. */
export interface PostgresAddress {
  /** `postgresql://user:password@host:port/database`; `sslmode` says whether by TLS, without it `tls` does. */
  readonly url: string;
  /** Whom to trust (`ca`; without it the public authorities) and what to show. */
  readonly tls?: TlsMaterial;
  /** In the place of one in the URL; asked for each connection. */
  readonly password?: () => Promise<string>;
}

/** By these a connection is encrypted, and the certificate and the host are verified: libpq would not verify for the first, pg does for now and says so in a warning. */
const VERIFIED: ReadonlySet<string> = new Set(['require', 'verify-ca', 'verify-full']);
const REFUSED: Readonly<Record<string, string>> = {
  'no-verify': 'would trust whoever answers',
  prefer: 'would go on without TLS where the server offers none',
  allow: 'would go on without TLS where the server asks for none',
};

/** The part of a connection that the address says. A connection is by TLS and verified, or without TLS, and never something between; throws STORE_TLS_UNCLEAR for a URL that asks for that. */
export function postgresConnection({ url, tls, password }: PostgresAddress): ClientConfig {
  const { where, sslmode } = takeApart(url);
  if (sslmode === 'disable' && tls?.ca !== undefined) throw errors.STORE_TLS_UNCLEAR({ given: 'sslmode=disable', why: 'contradicts the CA file that is given' });
  const encrypted = sslmode === undefined ? tls?.ca !== undefined : sslmode !== 'disable';
  return {
    ...where,
    // Always said, so that PGSSLMODE cannot turn the verification off.
    ssl: encrypted ? { ...tls, minVersion: 'TLSv1.2' as const } : false,
    ...(password ? { password } : {}),
  };
}

/** pg would let the URL win over what is said beside it, also an empty password over one that is given. */
function takeApart(url: string): { readonly where: ClientConfig; readonly sslmode: string | undefined } {
  const { username, password, hostname, port, pathname, searchParams } = new URL(url);
  const { sslmode, ...others } = Object.fromEntries(searchParams);
  if (sslmode !== undefined && sslmode !== 'disable' && !VERIFIED.has(sslmode)) throw errors.STORE_TLS_UNCLEAR({ given: `sslmode=${sslmode}`, why: REFUSED[sslmode] ?? 'is no such mode' });
  const unread = Object.keys(others).find((name) => name.startsWith('ssl') || name === 'uselibpqcompat');
  if (unread !== undefined) throw errors.STORE_TLS_UNCLEAR({ given: unread, why: 'is not read from the URL here' });
  const said = Object.entries({ user: decodeURIComponent(username), password: decodeURIComponent(password), host: decodeURIComponent(hostname).replace(/^\[(.+)\]$/, '$1'), database: decodeURIComponent(pathname.slice(1)) }).filter(([, value]) => value !== '');
  return { where: { ...Object.fromEntries(said), ...(port === '' ? {} : { port: Number(port) }), ...others }, sslmode };
}
