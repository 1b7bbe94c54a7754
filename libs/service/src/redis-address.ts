import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Access } from './security.js';

/** What `new Redis(url, options)` of ioredis takes. Its errors carry commands with their arguments, AUTH too: none of them may be logged or kept as a cause as it is. */
export interface RedisAddress {
  readonly url: string;
  readonly options: { readonly tls?: ConnectionOptions; readonly username?: string; readonly password?: string };
}

/** Redis at a URL: whom to trust and what to show, and the password that a file holds in the place of one in the URL. */
export async function redisAddress(url: string, { tls, password }: Access): Promise<RedisAddress> {
  const parts = new URL(url);
  const { hostname, protocol } = parts;
  const username = decodeURIComponent(parts.username);
  const host = hostname.replace(/^\[(.+)\]$/, '$1');
  // What the URL says wins in ioredis, also a user without a password.
  if (password) Object.assign(parts, { username: '', password: '' });
  return {
    url: parts.href,
    options: {
      ...(tls !== undefined || protocol === 'rediss:' ? { tls: { ...tls, minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}) } } : {}),
      ...(password ? { ...(username === '' ? {} : { username }), password: await password() } : {}),
    },
  };
}
