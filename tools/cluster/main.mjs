import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInPlace } from '../setup/child.mjs';
import { withLock } from '../setup/lock.mjs';
import { openCluster, startCluster } from './cluster.mjs';
import { readCommandLine, USAGE } from './command-line.mjs';
import { exportsOf, nextSteps, rowsOf, tableOf } from './report.mjs';

/** `npm run cluster`: real servers and every service as a process of its own, which stay up until they are stopped. */
const WATCH_MS = 2_000;
const EXIT = { done: 0, failed: 1, wrongUse: 2, notReady: 3 };

const HERE = process.env['INIT_CWD'] ?? process.cwd();
const say = (text) => process.stderr.write(`[cluster] ${text}\n`);
const print = (text) => process.stdout.write(text);

async function main({ help, fault, ...asked }) {
  if (help) return print(USAGE), EXIT.done;
  if (fault !== undefined) return process.stderr.write(`${fault}\n\n${USAGE}`), EXIT.wrongUse;
  try {
    return await ACTS[asked.command](asked);
  } catch (error) {
    say(error.message);
    return EXIT.failed;
  }
}

const ACTS = {
  async start({ directory, brokers, instances, roots, targets, foreground, json }) {
    const made = openCluster(directory);
    if (targets.length > 0) return change(directory, targets, (server, which) => server.start(which));
    const running = made === undefined ? [] : (await made.health()).filter(({ alive }) => alive);
    const began = performance.now();
    const cluster = await alone(directory, () => startCluster({ directory, brokers: brokers ?? made?.brokers, instances: instances ?? made?.instances, roots: roots ?? made?.roots ?? [HERE], env: made?.env, onStage: (what) => running.length === 0 && say(`starting ${what} …`) }));
    const rows = await rowsOf(cluster);
    if (json) print(`${JSON.stringify({ parts: rows, variables: cluster.variables() }, undefined, 2)}\n`);
    else {
      const fresh = rows.length - running.length;
      say(fresh === 0 ? 'it ran already; nothing was started.' : `${running.length > 0 ? `${running.length} of ${rows.length} ran already; all are` : 'all are'} ready after ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
      print(`${tableOf(rows)}${nextSteps(cluster)}`);
    }
    return foreground ? stay(cluster) : EXIT.done;
  },

  async status({ directory, json }) {
    const rows = await rowsOf(made(directory));
    print(json ? `${JSON.stringify({ parts: rows }, undefined, 2)}\n` : tableOf(rows));
    return rows.every(({ state }) => state === 'ready') ? EXIT.done : EXIT.notReady;
  },

  async stop({ directory, targets, wipe }) {
    if (targets.length > 0) return change(directory, targets, (server, which) => server.stop(which));
    const cluster = made(directory);
    await alone(directory, () => (wipe ? cluster.wipe() : cluster.stop()));
    say(wipe ? 'stopped, and its data and logs removed.' : `stopped; its data is kept in ${directory} (stop --wipe removes it).`);
    return EXIT.done;
  },

  restart: ({ directory, targets }) => change(directory, targets, (server, which) => server.restart(which)),
  kill9: ({ directory, targets }) => change(directory, targets, (server, which) => server.kill9(which)),

  async logs({ directory, targets, lines, follow }) {
    const parts = await made(directory).health();
    if (targets.length === 0) return print(parts.map(({ log }) => `${log}\n`).join('')), EXIT.done;
    const files = parts.filter(isNamed(targets)).map(({ log }) => log);
    const gone = files.find((file) => !existsSync(file));
    if (files.length === 0 || gone !== undefined) throw new Error(gone === undefined ? 'There is no such part; status shows which there are.' : `There is no ${gone}: it was never started.`);
    return (await runInPlace('tail', ['-n', String(lines), ...(follow ? ['-F'] : []), ...files])).code;
  },

  async env({ directory, json }) {
    const variables = made(directory).variables();
    print(json ? `${JSON.stringify(variables, undefined, 2)}\n` : exportsOf(variables));
    return EXIT.done;
  },
};

function made(directory) {
  const cluster = openCluster(directory);
  if (cluster === undefined) throw new Error(`There is no cluster in ${directory}: \`npm run cluster\` makes one.`);
  return cluster;
}

/** Does one thing with each part that is named, and shows how they stand. */
async function change(directory, targets, act) {
  const cluster = made(directory);
  const servers = { ...cluster.servers, ...cluster.services };
  const stranger = targets.find(({ name, only = 1 }) => !(only <= servers[name].partCount));
  if (stranger !== undefined) throw new Error(`There is no ${stranger.name}-${stranger.only}; status shows which there are.`);
  await alone(directory, () => Promise.all(targets.map(({ name, only }) => act(servers[name], { only }))));
  print(tableOf((await rowsOf(cluster)).filter(isNamed(targets))));
  return EXIT.done;
}

const isNamed = (targets) => ({ of, id }) => targets.some(({ name, only }) => name === of && (only === undefined || String(only) === id));

/** One start or stop at a time. */
const alone = (directory, work) => withLock(`${directory}.lock`, work, { onWait: (pid) => say(`waiting for process ${pid}, which starts or stops it`) });

/** Until Ctrl-C; tells of parts that end of themselves. */
async function stay(cluster) {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupted.abort());
  say('Ctrl-C stops it.');
  const told = new Set();
  while (!interrupted.signal.aborted) {
    for (const { name, alive, log } of await cluster.health()) {
      if (!alive && !told.has(name)) say(`${name} has ended; its log is ${log}. The rest goes on: npm run cluster -- start ${name}`);
      if (alive) told.delete(name);
      else told.add(name);
    }
    await sleep(WATCH_MS, undefined, { signal: interrupted.signal }).catch(() => undefined);
  }
  say('stopping …');
  await alone(cluster.directory, () => cluster.stop());
  return EXIT.done;
}

process.exitCode = await main(readCommandLine(process.argv.slice(2), HERE));
