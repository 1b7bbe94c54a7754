import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { guard } from './guard.mjs';
import { KINDS } from './kinds.mjs';
import { freePorts, isOpen } from './port.mjs';
import { isAlive } from './process.mjs';
import { openServer } from './server.mjs';

let dir;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'millrace-servers-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A server of two parts that needs nothing but Node: it answers connections, and leaves its data in a file. */
const echo = {
  name: 'echo',
  missing: () => undefined,
  portCount: () => 2,
  prepare: async (folder, ports, { script = `require('net').createServer().listen(PORT, '127.0.0.1'); console.log('here')` }) =>
    ports.map((port, index) => ({ id: String(index + 1), port, log: join(folder, `${index + 1}.log`), command: process.execPath, args: ['-e', script.replace('PORT', String(port))] })),
  url: (ports) => ports.join(','),
};
const cli = (...args) => spawnSync(process.execPath, [fileURLToPath(new URL('servers.mjs', import.meta.url)), ...args], { encoding: 'utf8' });

it('starts all parts, finds them again by their folder, and keeps its ports over kills and starts', async () => {
  const first = openServer(echo, { dir });
  expect(first.url).toBeUndefined();
  const url = await first.start();
  const again = openServer(echo, { dir });
  const pids = again.status().map(({ pid }) => pid);
  expect(again.status()).toEqual([{ id: '1', pid: pids[0], alive: true }, { id: '2', pid: pids[1], alive: true }]);
  await again.kill9({ only: 2 });
  expect(first.status().map(({ alive }) => alive)).toEqual([true, false]);
  expect(await again.start()).toBe(url);
  expect(first.status().map(({ pid, alive }) => [pid === pids[0], alive])).toEqual([[true, true], [false, true]]);
  await first.stop();
  expect(again.status().map(({ alive }) => alive)).toEqual([false, false]);
  expect(await Promise.all(url.split(',').map(isOpen))).toEqual([false, false]);
  await first.wipe();
  expect(existsSync(join(dir, 'echo'))).toBe(false);
});

it('shows the end of the log of a server that does not come up', async () => {
  const server = openServer(echo, { dir, script: `throw new Error('the disk is on fire, PORT')` });
  await expect(server.start()).rejects.toThrow('the disk is on fire');
});

it('names what is missing, and starts nothing', async () => {
  const server = openServer({ ...echo, missing: () => 'Echo is not installed: apt-get install echo' }, { dir });
  await expect(server.start()).rejects.toThrow('apt-get install echo');
  expect(existsSync(join(dir, 'echo'))).toBe(false);
});

it('says of each kind how to install it when nothing is installed', () => {
  const script = `import { KINDS } from ${JSON.stringify(new URL('kinds.mjs', import.meta.url).href)}; for (const kind of Object.values(KINDS)) console.log(kind.name, kind.missing(), kind.packages().join(' '));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { PATH: '', XDG_CACHE_HOME: dir } });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(Object.keys(KINDS).length);
  expect(stdout).toMatch(/kafka Kafka needs Java.* default-jre-headless maven\n/);
  expect(stdout).toMatch(/redis Redis is not installed: apt-get install --no-install-recommends redis-server redis-server\n/);
  expect(stdout).toMatch(/s3 The S3 server versitygw .* is not in .*: node tools\/servers\/install.mjs s3/);
});

it('does not take another process for its own when the number comes again', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  try {
    await once(other, 'spawn');
    expect(isAlive({ pid: other.pid, birth: 'another' })).toBe(false);
    mkdirSync(join(dir, 'echo'));
    writeFileSync(join(dir, 'echo', 'server.json'), JSON.stringify({ ports: [1, 2], options: {}, parts: { 1: { pid: other.pid, birth: 'another' } } }));
    await openServer(echo, { dir }).wipe();
    expect(other.exitCode ?? other.signalCode).toBeNull();
  } finally {
    other.kill('SIGKILL');
  }
});

it('gives ports that are free and that no outgoing connection will take', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  const server = createServer().listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  expect(await isOpen(ports[0])).toBe(true);
  server.close();
});

it('gives no port twice, though nobody has begun to listen on it', async () => {
  const ports = (await Promise.all(Array.from({ length: 60 }, () => freePorts(20)))).flat();
  expect(new Set(ports).size).toBe(1_200);
});

it('leaves no server behind when whoever started it is killed', async () => {
  const home = join(dir, 'guarded');
  mkdirSync(home);
  const script = `
    import { guard } from ${JSON.stringify(new URL('guard.mjs', import.meta.url).href)};
    await guard(${JSON.stringify(home)});
    console.log('guarded');
    setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  const server = openServer(echo, { dir: join(home, 'deep', 'down') });
  await server.start();
  const [{ pid }] = server.status();
  owner.kill('SIGKILL');
  while (existsSync(home)) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

it('ends what it guards when asked to', async () => {
  const release = await guard(dir);
  const server = openServer(echo, { dir });
  const [port] = (await server.start()).split(',');
  await release();
  expect(await isOpen(port)).toBe(false);
  expect(existsSync(dir)).toBe(false);
});

it('explains a wrong command line', () => {
  for (const [args, why] of [[['dance'], '"dance" is not a command'], [['start', 'mongo'], '"mongo" is not a server'], [['start', 'kafka', '--brokers', '2'], '--brokers is 1 or 3'], [['start', '--port', '9000'], 'for one server'], [['start', '--deer'], '--deer']]) {
    const { status, stderr } = cli(...args);
    expect([status, stderr.includes(why)]).toEqual([2, true]);
    expect(stderr).toContain('Usage:');
  }
});

it('reports what never ran as down', () => {
  const { status, stdout } = cli('status', 'redis', '--dir', dir, '--json');
  expect(JSON.parse(stdout)).toEqual({ redis: { parts: [] } });
  expect(status).toBe(3);
});
