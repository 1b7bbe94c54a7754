import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { TlsMaterial } from '@millrace/tls';

/** Whom to trust and what to show, and the password that a file holds. */
export interface RedisAccess {
  readonly tls?: TlsMaterial;
  readonly password?: string;
}

/** What `new Redis(url, options)` of ioredis takes. Its errors carry commands with their arguments, AUTH too: none of them may be logged or kept as a cause as it is. */
export interface RedisAddress {
  readonly url: string;
  readonly options: { readonly tls?: ConnectionOptions; readonly username?: string; readonly password?: string };
}

/** Redis at a URL: whom to trust and what to show, and the password that a file holds in the place of one in the URL. */
export function redisAddress(url: string, { tls, password }: RedisAccess): RedisAddress {
  const parts = new URL(url);
  const { hostname, protocol } = parts;
  const username = decodeURIComponent(parts.username);
  const host = hostname.replace(/^\[(.+)\]$/, '$1');
  // What the URL says wins in ioredis, also a user without a password.
  if (password !== undefined) Object.assign(parts, { username: '', password: '' });
  return {
    url: parts.href,
    options: {
      ...(tls !== undefined || protocol === 'rediss:' ? { tls: { ...tls, minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}) } } : {}),
      ...(password !== undefined ? { ...(username === '' ? {} : { username }), password } : {}),
    },
  };
}
