import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runQuietly } from '../setup/child.mjs';
import { openCluster, startCluster } from './cluster.mjs';

const MAIN = fileURLToPath(new URL('main.mjs', import.meta.url));
const CLI = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const PARTS = 12;

let dir;
beforeAll(() => (dir = join(mkdtempSync(join(process.env['MILLRACE_TEST_SERVERS'] ?? '', 'cluster-')), 'cluster')));
afterAll(() => openCluster(dir)?.stop());

/** One run of the command; what it says to people and to programs. */
async function command(...args) {
  const { code, output } = await runQuietly(process.execPath, [MAIN, ...args, '--dir', dir]);
  return { code, output };
}
const partsOf = async () => JSON.parse((await command('status', '--json')).output).parts;

describe('A cluster on this machine', () => {
  it('stays up when the command that started it has ended, each part where it says', async () => {
    const { code, output } = await command();
    expect({ code, output }).toMatchObject({ code: 0 });
    const parts = await partsOf();
    expect(parts.map(({ state }) => state)).toEqual(Array.from({ length: PARTS }, () => 'ready'));
    expect(parts.every(({ pid, memoryMb }) => pid > 0 && memoryMb > 0)).toBe(true);
    expect(parts.every(({ log }) => existsSync(log))).toBe(true);
    for (const { address } of parts) expect(output).toContain(address);
  });

  it('says that it runs when it is started again, and is not made over', async () => {
    const before = await partsOf();
    expect(await command('start')).toMatchObject({ code: 0, output: expect.stringContaining('it ran already; nothing was started') });
    expect((await partsOf()).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
    expect(await command('start', '--brokers', '3')).toMatchObject({ code: 1, output: expect.stringContaining('was made with 1 broker') });
    expect(await command('start', '--instances', '2')).toMatchObject({ code: 1, output: expect.stringContaining('runs with 1 of each service') });
  });

  it('is found by the command line through the variables that it prints', async () => {
    const variables = JSON.parse((await command('env', '--json')).output);
    const { code, output } = await runQuietly(process.execPath, [CLI, 'status', '--json'], { env: { PATH: process.env['PATH'], ...variables } });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(JSON.parse(output)).toMatchObject({ endpoints: [] });
  });

  it('shows what has died, and starts it again at the same address', async () => {
    const before = await partsOf();
    expect(await command('kill9', 'redis', 'registry')).toMatchObject({ code: 0 });
    const { code } = await command('status');
    const dead = (await partsOf()).filter(({ state }) => state === 'down');
    expect([code, dead.map(({ name, why }) => [name, why])]).toEqual([3, [['redis', 'does not run'], ['registry', 'does not run']]]);
    expect(await command('start', 'registry')).toMatchObject({ code: 0 });
    expect(await command('start')).toMatchObject({ code: 0, output: expect.stringContaining(`${PARTS - 1} of ${PARTS} ran already`) });
    const after = await partsOf();
    expect(after.map(({ address, state }) => [address, state])).toEqual(before.map(({ address }) => [address, 'ready']));
  });

  it('names a service that dies at its start, and its log', async () => {
    const made = JSON.parse(readFileSync(join(dir, 'cluster.json'), 'utf8'));
    writeFileSync(join(dir, 'cluster.json'), JSON.stringify({ ...made, env: { MILLRACE_TRAINER_THREADS: 'many' } }));
    try {
      const { code, output } = await command('restart', 'trainer');
      expect(code).toBe(1);
      expect(output).toContain('trainer ended at once');
      expect(output).toContain(join(dir, 'logs', 'trainer.log'));
      expect(output).toContain('MILLRACE_TRAINER_THREADS');
    } finally {
      writeFileSync(join(dir, 'cluster.json'), JSON.stringify(made));
    }
  });

  it('ends with its own processes alone, and keeps its data until that is asked for', async () => {
    const parts = await partsOf();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    try {
      // A process that has the number of one of ours now, as it may after long.
      const file = join(dir, 'registry', 'server.json');
      const state = JSON.parse(readFileSync(file, 'utf8'));
      await openCluster(dir).services.registry.stop();
      writeFileSync(file, JSON.stringify({ ...state, parts: { 1: { pid: bystander.pid, birth: '1' } } }));
      expect(await command('stop')).toMatchObject({ code: 0, output: expect.stringContaining('its data is kept') });
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    } finally {
      bystander.kill('SIGKILL');
    }
    expect((await partsOf()).every(({ state }) => state === 'down')).toBe(true);
    expect(parts.filter(({ pid }) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0)).toEqual([]);
    expect(await command('stop', '--wipe')).toMatchObject({ code: 0 });
    expect(existsSync(dir)).toBe(false);
  });

  it('is one of three brokers and two instances for a program, which kills one of them and goes on', async () => {
    const cluster = await startCluster({ directory: dir, brokers: 3, instances: 2, roots: [dir] });
    try {
      const { MILLRACE_REGISTRY_ADDRESS: registry = '', MILLRACE_KAFKA_BROKERS: brokers = '' } = cluster.variables();
      expect([registry.split(',').length, brokers.split(',').length]).toEqual([2, 3]);
      await Promise.all([cluster.services.registry.kill9({ only: 1 }), cluster.servers.kafka.kill9({ only: 2 })]);
      for (let call = 0; call < 4; call++) {
        const { code, output } = await runQuietly(process.execPath, [CLI, 'model', 'list', '--json'], { env: { PATH: process.env['PATH'], ...cluster.variables() } });
        expect({ code, output }).toMatchObject({ code: 0 });
      }
      await Promise.all([cluster.services.registry.restart({ only: 1 }), cluster.servers.kafka.restart({ only: 2 })]);
      expect(cluster.variables().MILLRACE_REGISTRY_ADDRESS).toBe(registry);
      expect((await cluster.health()).filter(({ trouble }) => trouble !== undefined)).toEqual([]);
    } finally {
      await cluster.wipe();
    }
  });
});
