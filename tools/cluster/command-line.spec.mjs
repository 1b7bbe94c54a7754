import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressVariable } from '@millrace/rpc';
import { services } from '@millrace/standalone';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../servers/cache.mjs';
import { readCommandLine } from './command-line.mjs';
import { SERVICES } from './service-kind.mjs';

const read = (...args) => readCommandLine(args, '/here');
const MAIN = fileURLToPath(new URL('main.mjs', import.meta.url));

describe('The command line of the cluster', () => {
  it('knows every service, by its name and by the variable of its address', () => {
    // The gateway serves no contract of its own: it is found by its own name.
    const variableOf = ({ name, serves: [contract] }) => (contract ? addressVariable(contract) : `MILLRACE_${name.toUpperCase()}_ADDRESS`);
    expect(Object.entries(SERVICES).map(([name, word]) => [name, `MILLRACE_${word}_ADDRESS`]).sort()).toEqual(services.map((service) => [service.name, variableOf(service)]).sort());
  });

  it('starts when nothing is said, and reads folders from where it was called', () => {
    expect(read()).toMatchObject({ command: 'start', targets: [], brokers: undefined, roots: undefined });
    expect(read('start', '--brokers', '3', '--instances', '2', '--source-root', 'data', '--source-root', '/srv')).toMatchObject({ brokers: 3, instances: 2, roots: ['/here/data', '/srv'] });
  });

  it('names all parts of one, or one of them', () => {
    expect(read('restart', 'feature-store', 'kafka-2', 'feature-store-3').targets).toEqual([{ name: 'feature-store' }, { name: 'kafka', only: 2 }, { name: 'feature-store', only: 3 }]);
  });

  it.each([
    [['dance'], '"dance" is not a command'],
    [['stop', 'mongo'], '"mongo" is neither'],
    [['stop', 'kafka-0'], '"kafka-0" is neither'],
    [['restart'], 'restart needs the name'],
    [['status', 'kafka'], 'leave the name out'],
    [['start', '--brokers', '2'], '--brokers is 1 or 3'],
    [['start', '--instances', '0'], '--instances is a number'],
    [['stop', '--keep', '--wipe'], 'contradict'],
    [['start', '--wipe'], 'belong to stop'],
    [['stop', 'redis', '--wipe'], 'removes the whole cluster'],
    [['stop', '--foreground'], '--foreground belongs'],
    [['logs', 'redis', '--lines', 'many'], '--lines'],
    [['start', '--deer'], '--deer'],
  ])('%j is refused in words', (args, why) => {
    expect(read(...args).fault).toContain(why);
  });
});

describe('A cluster that cannot be', () => {
  it('names what is missing with the command that installs it, and leaves nothing behind', () => {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-cluster-'));
    try {
      // Everything but Redis is where it was: only what the PATH leads to can be taken away.
      const bin = join(dir, 'bin');
      spawnSync('mkdir', [bin]);
      for (const name of ['java', 'setpriv', 'initdb']) if (findProgram(name) !== undefined) symlinkSync(findProgram(name), join(bin, name));
      const { status, stderr } = spawnSync(process.execPath, [MAIN, '--dir', join(dir, 'cluster')], { encoding: 'utf8', env: { ...process.env, PATH: bin } });
      expect(status).toBe(1);
      expect(stderr).toContain('Redis is not installed: apt-get install --no-install-recommends redis-server');
      expect(spawnSync(process.execPath, [MAIN, 'status', '--dir', join(dir, 'cluster')], { encoding: 'utf8' })).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no cluster in') });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
