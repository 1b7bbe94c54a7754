import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { findProgram } from './cache.mjs';
import { certificateOf, keyOf } from './tls.mjs';

const DEBIAN = '/usr/lib/postgresql';
const USER = 'postgres';

/** PostgreSQL as the system's packages bring it; everyone on this machine may connect as user postgres. Options: `maxConnections`, `fsync`; `tls` (see tls.mjs): it takes connections by TLS only, as `user` with his password. */
export const postgres = {
  name: 'postgres',
  // Fast: what is under way is rolled back and clients are cut off; SIGTERM would wait for them to leave.
  stopSignal: 'SIGINT',
  portCount: () => 1,
  missing: () => (programs() ? undefined : 'PostgreSQL is not installed: apt-get install --no-install-recommends postgresql'),
  packages: () => (programs() ? [] : ['postgresql']),
  async install() {},
  async prepare(folder, [port], { maxConnections = 100, fsync = 'on', tls, user = { name: USER } }) {
    const home = join(folder, 'home');
    const data = join(home, 'data');
    const bin = programs();
    if (!existsSync(join(data, 'PG_VERSION'))) {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home, { recursive: true });
      const secret = join(home, 'password');
      if (user.password) writeFileSync(secret, user.password);
      if (isRoot()) await giveAway(home);
      const { command, args } = asServer(join(bin, 'initdb'), ['-D', data, '-U', user.name, ...(user.password ? ['-A', 'scram-sha-256', `--pwfile=${secret}`] : ['-A', 'trust']), '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
      const { code, output } = await runQuietly(command, args, { cwd: '/' });
      if (code !== 0) throw new Error(`PostgreSQL could not be set up in ${home}:\n${output}`);
      if (tls) await secure(home, tls, user);
    }
    const settings = { ...(tls ? { ssl: 'on', ssl_cert_file: join(home, 'server.pem'), ssl_key_file: join(home, 'server.key') } : {}), port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: maxConnections, fsync };
    const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    // The port is open while a crash is still being recovered from.
    const isReady = async () => (await runQuietly(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)])).code === 0;
    return [{ id: '1', port, isReady, log: join(folder, 'server.log'), ...asServer(join(bin, 'postgres'), args) }];
  },
  url: ([port], { tls, user }) => (tls ? `postgresql://${user?.name ?? USER}@localhost:${port}/postgres` : `postgresql://${USER}@127.0.0.1:${port}/postgres`),
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

/** Copies of the certificate and its key that belong to the server's user, and no way in without TLS. */
async function secure(home, tls, { password }) {
  const [cert, key] = [join(home, 'server.pem'), join(home, 'server.key')];
  copyFileSync(certificateOf(tls), cert);
  copyFileSync(keyOf(tls), key);
  chmodSync(key, 0o600);
  writeFileSync(join(home, 'data', 'pg_hba.conf'), `hostssl all all 127.0.0.1/32 ${password ? 'scram-sha-256' : 'trust'}\nhostssl all all ::1/128 ${password ? 'scram-sha-256' : 'trust'}\n`);
  if (isRoot()) for (const file of [cert, key]) await giveAway(file);
}

async function giveAway(folder) {
  const ids = await Promise.all(['-u', '-g'].map((flag) => runQuietly('id', [flag, USER])));
  const [uid, gid] = ids.map(({ output }) => Number(output));
  chownSync(folder, uid, gid);
}
