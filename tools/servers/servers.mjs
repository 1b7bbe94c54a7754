import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS } from './kinds.mjs';
import { openServer } from './server.mjs';

const USAGE = `Usage: node tools/servers/servers.mjs <command> <server …> [options]

  start    starts what does not run, and prints where it listens (127.0.0.1 only)
  stop     ends in order
  status   what runs; exit code 3 when something does not
  kill9    kill -9, as a fault
  wipe     ends and removes all data

servers: ${Object.keys(KINDS).join(' ')} (default: all)
  --dir DIR        where their data, logs and process numbers are kept (default .millrace/servers)
  --brokers N      1 or 3 Kafka brokers, at the first start
  --only N         only this broker (start, stop, kill9)
  --port N         the first port, at the first start of one server; default: free ones
  --tls DIR        at the first start: by TLS only, with ca.pem, server.pem and server.key of this folder
  --user NAME:PW   with --tls: who may come in (kafka by SASL, postgres, redis)
  --json           print JSON
`;

/** What each command does with one server; gives what is printed about it. */
const COMMANDS = {
  start: (server, options) => server.start(options),
  stop: async (server, options) => (await server.stop(options), 'stopped'),
  kill9: async (server, options) => (await server.kill9(options), 'killed'),
  wipe: async (server) => (await server.wipe(), 'wiped'),
  status: async (server) => ({ url: server.url, parts: server.status() }),
};

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  const { command, servers, options, json, fault } = read(args);
  if (fault !== undefined) return fail(`${fault}\n\n${USAGE}`, 2);
  let report;
  try {
    report = Object.fromEntries(await Promise.all(servers.map(async (server) => [server.name, await COMMANDS[command](server, options)])));
  } catch (error) {
    return fail(`${error.message}\n`, 1);
  }
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : Object.entries(report).map(([name, said]) => `${name}  ${lineOf(said)}\n`).join(''));
  return command === 'status' && !Object.values(report).every(({ parts }) => parts.length > 0 && parts.every(({ alive }) => alive)) ? 3 : 0;
}

function read(args) {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { dir: { type: 'string', default: '.millrace/servers' }, brokers: { type: 'string', default: '1' }, only: { type: 'string' }, port: { type: 'string', default: '0' }, tls: { type: 'string' }, user: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const [command, ...named] = positionals;
    const names = named.length > 0 ? named : Object.keys(KINDS);
    const stranger = names.find((name) => !Object.hasOwn(KINDS, name));
    if (!Object.hasOwn(COMMANDS, command ?? '')) return { fault: `"${command ?? ''}" is not a command.` };
    if (stranger !== undefined) return { fault: `"${stranger}" is not a server.` };
    if (!['1', '3'].includes(values.brokers)) return { fault: '--brokers is 1 or 3.' };
    if (!/^\d{1,5}$/.test(values.port) || (values.port !== '0' && names.length > 1)) return { fault: '--port is a number, and for one server.' };
    const [name, ...password] = values.user?.split(':') ?? [];
    if (values.user !== undefined && (values.tls === undefined || password.length === 0)) return { fault: '--user is NAME:PASSWORD, and goes with --tls.' };
    const security = { ...(values.tls === undefined ? {} : { tls: resolve(values.tls) }), ...(name === undefined ? {} : { user: { name, password: password.join(':') } }) };
    const servers = names.map((kind) => openServer(KINDS[kind], { ...security, dir: values.dir, port: Number(values.port), ...(kind === 'kafka' ? { brokers: Number(values.brokers) } : {}) }));
    return { command, servers, options: values.only === undefined ? {} : { only: values.only }, json: values.json };
  } catch (error) {
    return { fault: error.message };
  }
}

function lineOf(said) {
  if (typeof said === 'string') return said;
  return `${said.url ?? 'never started'}  ${said.parts.map(({ id, pid, alive }) => `${id}: ${alive ? `up, process ${pid}` : 'down'}`).join('  ')}`;
}

function fail(text, code) {
  process.stderr.write(text);
  return code;
}
