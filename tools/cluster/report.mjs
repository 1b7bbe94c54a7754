import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { renderTable } from '../../apps/cli/dist/text/table.js';
import { SERVICES } from './service-kind.mjs';

const KB_A_MB = 1024;

/** Every part of a cluster as a program reads it. */
export async function rowsOf(cluster) {
  const parts = await cluster.health();
  return parts.map(({ of, name, id, alive, pid, trouble, log }) => ({ name, of, id, kind: Object.hasOwn(SERVICES, of) ? 'service' : 'server', state: alive ? (trouble === undefined ? 'ready' : 'not ready') : 'down', ...(pid === undefined ? {} : { pid, memoryMb: memoryMb(pid) }), address: addressOf(cluster, of, Number(id) - 1), ...(trouble === undefined ? {} : { why: trouble }), log }));
}

/** The same for people. */
export function tableOf(rows) {
  const columns = [{ title: 'NAME' }, { title: 'STATE' }, { title: 'PID', align: 'right' }, { title: 'MB', align: 'right' }, { title: 'ADDRESS' }, { title: 'WHY' }];
  return renderTable(columns, rows.map(({ name, state, pid, memoryMb: mb, address, why }) => [name, state, String(pid ?? ''), mb === undefined ? '' : String(mb), address, why ?? '']));
}

/** What a person does next. */
export function nextSteps(cluster) {
  return `
Logs are in ${relative(process.cwd(), cluster.logs) || cluster.logs}.

  eval "$(npm run --silent cluster -- env)"    # so that millrace finds it; then: npx millrace status
  npm run cluster -- status                    # how it stands
  npm run cluster -- logs inference --follow   # what one says
  npm run cluster -- stop                      # ends it; its data stays, until stop --wipe
`;
}

/** The variables as lines for a shell. */
export const exportsOf = (variables) => Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`).join('');

function addressOf({ servers, services }, of, index) {
  const server = servers[of];
  // Each broker has a place in the list; a URL without its secret is enough for the others.
  if (server !== undefined) return of === 'kafka' ? server.url.split(',')[index] : server.url.replace(/\/\/.*@/, '//');
  return `http://127.0.0.1:${services[of].ports[2 * index]}, gRPC ${services[of].url.split(',')[index]}`;
}

/** Resident memory; undefined where the system does not say. */
function memoryMb(pid) {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KB_A_MB);
  } catch {
    return undefined;
  }
}
