import { chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { findProgram } from './cache.mjs';

const DEBIAN = '/usr/lib/postgresql';
const USER = 'postgres';

/** PostgreSQL as the system's packages bring it; everyone on this machine may connect as user postgres. Options: `maxConnections`, `fsync`. */
export const postgres = {
  name: 'postgres',
  // Fast: what is under way is rolled back and clients are cut off; SIGTERM would wait for them to leave.
  stopSignal: 'SIGINT',
  portCount: () => 1,
  missing: () => (programs() ? undefined : 'PostgreSQL is not installed: apt-get install --no-install-recommends postgresql'),
  packages: () => (programs() ? [] : ['postgresql']),
  async install() {},
  async prepare(folder, [port], { maxConnections = 100, fsync = 'on' }) {
    const home = join(folder, 'home');
    const data = join(home, 'data');
    const bin = programs();
    if (!existsSync(join(data, 'PG_VERSION'))) {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home, { recursive: true });
      if (isRoot()) await giveAway(home);
      const { command, args } = asServer(join(bin, 'initdb'), ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
      const { code, output } = await runQuietly(command, args, { cwd: '/' });
      if (code !== 0) throw new Error(`PostgreSQL could not be set up in ${home}:\n${output}`);
    }
    const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: maxConnections, fsync };
    const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    // The port is open while a crash is still being recovered from.
    const isReady = async () => (await runQuietly(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)])).code === 0;
    return [{ id: '1', port, isReady, log: join(folder, 'server.log'), ...asServer(join(bin, 'postgres'), args) }];
  },
  url: ([port]) => `postgresql://${USER}@127.0.0.1:${port}/postgres`,
};

/** The folder of initdb and postgres of the newest version: Debian keeps them off the PATH. */
function programs() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const packaged = versions.map((version) => join(DEBIAN, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
  const onPath = findProgram('initdb');
  return packaged ?? (onPath && dirname(onPath));
}

const isRoot = () => process.getuid?.() === 0;

/** The server refuses to run as root, so root steps down; what it may then still do is enter folders that lie in root's own. */
function asServer(command, args) {
  if (!isRoot()) return { command, args };
  return { command: 'setpriv', args: [`--reuid=${USER}`, `--regid=${USER}`, '--init-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--', command, ...args] };
}

async function giveAway(folder) {
  const ids = await Promise.all(['-u', '-g'].map((flag) => runQuietly('id', [flag, USER])));
  const [uid, gid] = ids.map(({ output }) => Number(output));
  chownSync(folder, uid, gid);
}
