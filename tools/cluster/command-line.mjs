import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS } from '../servers/kinds.mjs';
import { SERVICES } from './service-kind.mjs';

const MAX_INSTANCES = 9;
export const NAMES = [...Object.keys(KINDS), ...Object.keys(SERVICES)];

export const USAGE = `Usage: npm run cluster -- [command] [NAME …] [options]

  start     starts what does not run, waits until it is ready, and says where it listens (the command when none is given)
  status    each server and service: up, process, memory, address, why it is not ready; exit code 3 when something is not
  stop      ends all, or what is named; what was kept stays
  restart   stops and starts what is named, at the same addresses
  kill9     kill -9 of what is named, as a fault
  logs      the end of the log of what is named; without a name: where the logs are
  env       the variables of a client, for eval "$(npm run --silent cluster -- env)"

NAME: ${NAMES.join(' ')}, or one of several: kafka-2, inference-3

  --dir DIR            where everything is kept (default .millrace/cluster)
  --brokers 1|3        Kafka brokers, at the first start
  --instances N        of each service, 1 to ${MAX_INSTANCES} (default: as before, else 1)
  --source-root DIR    a folder below which data may be read; may stand several times (default: as before, else here)
  --foreground         start: stays, and stops all on Ctrl-C
  --wipe               stop: removes all data and logs as well
  --keep               stop: keeps them, which is the default
  --lines N            logs: so many (default 100)
  --follow             logs: goes on
  --json               start, status, env: one JSON document
`;

const COMMANDS = ['start', 'status', 'stop', 'restart', 'kill9', 'logs', 'env'];
/** Commands that act on what is named, and need a name. */
const NAMED = ['restart', 'kill9'];
const NAMELESS = ['status', 'env'];

/** Reads a command line; gives `fault` in words where it makes no sense. Paths are those of the folder `here`. */
export function readCommandLine(args, here) {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        dir: { type: 'string', default: '.millrace/cluster' },
        brokers: { type: 'string' },
        instances: { type: 'string' },
        'source-root': { type: 'string', multiple: true },
        lines: { type: 'string', default: '100' },
        ...Object.fromEntries(['foreground', 'wipe', 'keep', 'follow', 'json', 'help'].map((name) => [name, { type: 'boolean', default: false }])),
      },
    });
    const [command = 'start', ...names] = positionals;
    const targets = names.map(targetOf);
    const stranger = names.find((_, index) => targets[index] === undefined);
    const fault = [
      [!COMMANDS.includes(command), `"${command}" is not a command.`],
      [stranger !== undefined, `"${stranger}" is neither a server nor a service.`],
      [NAMED.includes(command) && names.length === 0, `${command} needs the name of what it is about.`],
      [NAMELESS.includes(command) && names.length > 0, `${command} is about the whole cluster; leave the name out.`],
      [values.brokers !== undefined && !['1', '3'].includes(values.brokers), '--brokers is 1 or 3.'],
      [values.instances !== undefined && !(/^[1-9]$/.test(values.instances) && Number(values.instances) <= MAX_INSTANCES), `--instances is a number from 1 to ${MAX_INSTANCES}.`],
      [!/^[1-9]\d{0,5}$/.test(values.lines), '--lines is a number of lines.'],
      [values.keep && values.wipe, '--keep and --wipe contradict each other.'],
      [(values.keep || values.wipe) && command !== 'stop', '--keep and --wipe belong to stop.'],
      [values.wipe && names.length > 0, '--wipe removes the whole cluster; leave the name out.'],
      [values.foreground && (command !== 'start' || names.length > 0), '--foreground belongs to the start of the whole cluster.'],
    ].find(([wrong]) => wrong)?.[1];
    if (values.help) return { help: true };
    if (fault !== undefined) return { fault };
    return {
      ...values,
      command,
      targets,
      directory: resolve(values.dir),
      brokers: values.brokers && Number(values.brokers),
      instances: values.instances && Number(values.instances),
      lines: Number(values.lines),
      roots: values['source-root']?.map((root) => resolve(here, root)),
    };
  } catch (error) {
    return { fault: error.message };
  }
}

/** What a name such as `inference` or `kafka-2` means: all parts of one, or one of them. */
function targetOf(text) {
  if (NAMES.includes(text)) return { name: text };
  const [, name, only] = /^(.+)-([1-9])$/.exec(text) ?? [];
  return NAMES.includes(name) ? { name, only: Number(only) } : undefined;
}
