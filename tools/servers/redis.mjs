import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './cache.mjs';
import { answers } from './port.mjs';
import { authorityOf, certificateOf, keyOf } from './tls.mjs';

/** Redis with an append-only file. Options: `fsync` (always or everysec); `tls` (see tls.mjs): it is reached by TLS only, as `user` with his password. */
export const redis = {
  name: 'redis',
  stopSignal: 'SIGTERM',
  portCount: () => 1,
  missing: () => (findProgram('redis-server') ? undefined : 'Redis is not installed: apt-get install --no-install-recommends redis-server'),
  packages: () => (findProgram('redis-server') ? [] : ['redis-server']),
  async install() {},
  async prepare(folder, [port], { fsync = 'everysec', tls, user }) {
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    if (tls) return [secure(folder, { port, data, fsync, tls, user })];
    const settings = { port, bind: '127.0.0.1', dir: data, appendonly: 'yes', appendfsync: fsync, save: '' };
    return [{ id: '1', port, isReady: () => answers(port, 'PING\r\n', '+PONG'), log: join(folder, 'server.log'), command: 'redis-server', args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]) }];
  },
  url: ([port], { tls }) => (tls ? `rediss://localhost:${port}` : `redis://127.0.0.1:${port}`),
};

/** By a file: what stands on a command line is seen by everybody. */
function secure(folder, { port, data, fsync, tls, user }) {
  const settings = { port: 0, 'tls-port': port, 'tls-cert-file': certificateOf(tls), 'tls-key-file': keyOf(tls), 'tls-ca-cert-file': authorityOf(tls), 'tls-auth-clients': 'no', bind: '127.0.0.1', dir: data, appendonly: 'yes', appendfsync: fsync, save: '""' };
  const users = user ? `user default off\nuser ${user.name} on >${user.password} ~* &* +@all\n` : '';
  const file = join(folder, 'redis.conf');
  writeFileSync(file, Object.entries(settings).map(([name, value]) => `${name} ${value}\n`).join('') + users, { mode: 0o600 });
  return { id: '1', port, log: join(folder, 'server.log'), command: 'redis-server', args: [file] };
}
