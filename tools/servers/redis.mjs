import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './cache.mjs';
import { answers } from './port.mjs';

/** Redis with an append-only file. Options: `fsync` (always or everysec). */
export const redis = {
  name: 'redis',
  stopSignal: 'SIGTERM',
  portCount: () => 1,
  missing: () => (findProgram('redis-server') ? undefined : 'Redis is not installed: apt-get install --no-install-recommends redis-server'),
  packages: () => (findProgram('redis-server') ? [] : ['redis-server']),
  async install() {},
  async prepare(folder, [port], { fsync = 'everysec' }) {
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    const settings = { port, bind: '127.0.0.1', dir: data, appendonly: 'yes', appendfsync: fsync, save: '' };
    return [{ id: '1', port, isReady: () => answers(port, 'PING\r\n', '+PONG'), log: join(folder, 'server.log'), command: 'redis-server', args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]) }];
  },
  url: ([port]) => `redis://127.0.0.1:${port}`,
};
