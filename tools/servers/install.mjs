import { join } from 'node:path';
import { runInPlace } from '../setup/child.mjs';
import { withLock } from '../setup/lock.mjs';
import { cacheDir, findProgram } from './cache.mjs';
import { INSTALLABLE } from './kinds.mjs';

/** Installs the named servers (default: all), each only when it is missing: Debian packages for root, everything else into the cache. */
const names = process.argv.slice(2);
const stranger = names.find((name) => !Object.hasOwn(INSTALLABLE, name));
if (stranger !== undefined) {
  process.stderr.write(`"${stranger}" is not a server. Usage: node tools/servers/install.mjs [${Object.keys(INSTALLABLE).join('|')} …]\n`);
  process.exit(2);
}
const wanted = (names.length > 0 ? names : Object.keys(INSTALLABLE)).map((name) => INSTALLABLE[name]);
process.exitCode = await withLock(join(cacheDir(), 'install.lock'), () => install(wanted), { onWait: (pid) => say(`waiting for process ${pid}, which installs`) });

async function install(kinds) {
  const missing = kinds.filter((kind) => kind.missing() !== undefined);
  for (const kind of kinds) if (!missing.includes(kind)) say(`${kind.name} is there`);
  const packages = missing.flatMap((kind) => kind.packages());
  if (packages.length > 0 && !(await installPackages(packages))) return 1;
  for (const kind of missing) {
    try {
      if (kind.missing() !== undefined) await timed(kind.name, () => kind.install());
    } catch (error) {
      say(error.message);
    }
  }
  const still = kinds.map((kind) => kind.missing()).filter((why) => why !== undefined);
  for (const why of still) say(why);
  return still.length === 0 ? 0 : 1;
}

async function installPackages(packages) {
  const command = `apt-get install --no-install-recommends --yes ${packages.join(' ')}`;
  if (findProgram('apt-get') === undefined) {
    say(`there is no apt-get here; install by hand what has these names on Debian: ${packages.join(' ')}`);
    return false;
  }
  if (process.getuid?.() !== 0) {
    say(`this needs root: ${command}`);
    return false;
  }
  return timed(packages.join(' '), async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await runInPlace('apt-get', ['update', '-qq'], { env });
    return (await runInPlace('apt-get', [...command.split(' ').slice(1), '-qq'], { env })).code === 0;
  });
}

async function timed(what, work) {
  const start = performance.now();
  say(`installing ${what}`);
  const done = await work();
  say(`${what} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return done;
}

function say(line) {
  process.stdout.write(`[servers] ${line}\n`);
}
