import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { handshakeFault } from '@millrace/tls';
import { type SecureServer, startSecureServer } from '@millrace/tls/server-fixture';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { homeConfig } from './config.js';
import { openLog } from './log.js';
import { redisAddress } from './redis-address.js';
import { openSecurity } from './security.js';

const PASSWORD = 'planted-redis-password';
let server: SecureServer;
beforeAll(async () => {
  server = await startSecureServer('redis', { name: 'alice', password: PASSWORD });
  writeFileSync(server.at('password'), `${PASSWORD}\n`);
  writeFileSync(server.at('wrong'), 'planted-wrong-password\n');
});
afterAll(() => server.wipe());

/** What Redis answers to a question by the configuration that these variables are; an error in the place of a throw. */
async function ask(env: Readonly<Record<string, string>>, url = server.url): Promise<unknown> {
  const security = await openSecurity(homeConfig.parse(env), pino({ level: 'silent' }));
  const address = redisAddress(url.replace('//', '//alice@'), security.redis);
  const redis = new Redis(address.url, { ...address.options, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  const heard: unknown[] = [];
  redis.on('error', (error) => heard.push(error));
  try {
    await redis.connect();
    await redis.set('answer', '42');
    return await redis.get('answer');
  } catch (error) {
    return heard[0] ?? error;
  } finally {
    redis.disconnect();
    security.close();
  }
}
const trusting = (ca: string, password = 'password') => ({ MILLRACE_REDIS_CA_FILE: server.at(ca), MILLRACE_REDIS_PASSWORD_FILE: server.at(password) });

it('keeps what it is given by TLS, with the password of a file', async () => {
  expect(await ask(trusting('ca.pem'))).toBe('42');
});

it('is not told the password when its authority is not trusted', async () => {
  expect(handshakeFault(await ask(trusting('stranger-ca.pem')))).toBe('its certificate was signed by nobody who is trusted here');
  // rediss:// alone trusts public authorities.
  expect(handshakeFault(await ask({ MILLRACE_REDIS_PASSWORD_FILE: server.at('password') }))).toBe('its certificate was signed by nobody who is trusted here');
});

it('refuses another password, and whoever comes without TLS', async () => {
  const refusal = await ask(trusting('ca.pem', 'wrong'));
  expect(String(refusal)).toContain('WRONGPASS');
  // ioredis keeps the command that was refused, with the password in it; the log drops it.
  expect(inspect(refusal)).toContain('planted-wrong-password');
  const lines: string[] = [];
  openLog('debug', { write: (line) => void lines.push(line) }).error({ err: refusal }, 'the online store cannot be reached');
  expect(lines.join('')).toContain('WRONGPASS');
  expect(lines.join('')).not.toContain('planted-');
  expect(await ask({ MILLRACE_REDIS_PASSWORD_FILE: server.at('password') }, server.url.replace('rediss', 'redis'))).toBeInstanceOf(Error);
});
