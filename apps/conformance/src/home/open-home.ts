import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openObjects } from '@millrace/objects';
import { type Client, connect, type Definition } from '@millrace/rpc';
import { CONTRACTS } from '../completeness/contracts.js';
import type { Seen } from '../completeness/seen.js';
import { joinCluster } from './cluster-home.js';
import { startEmbedded } from './embedded-home.js';
import { EventTap } from './event-tap.js';
import { followed } from './followed-client.js';
import { type Archive, type Clients, type Home, SERVICES, type ServiceName, type StartHome } from './home.js';

/** The homes that there are. */
export const HOMES: Readonly<Record<string, StartHome>> = { embedded: startEmbedded, cluster: joinCluster };

const DEADLINE_MS = 60_000;

/** Starts a home in a directory of its own; everything that is called and published is `seen`. */
export async function openHome(name: string, seen: Seen): Promise<Home & { close(): Promise<void> }> {
  const start = HOMES[name];
  if (!start) throw new Error(`There is no home "${name}"; there are ${Object.keys(HOMES).join(', ')}.`);
  const directory = await mkdtemp(join(process.env['MILLRACE_CONFORMANCE_DIRECTORY'] ?? tmpdir(), 'millrace-conformance-'));
  const sources = join(directory, 'sources');
  await mkdir(sources);
  await mkdir(join(directory, 'home'));
  const events = new EventTap();
  const open = await start({ directory: join(directory, 'home'), roots: sources, onRecord: (record) => events.add(record) });
  const closers: (() => void)[] = [];
  const clientOf = <D extends Definition>(definition: D, service: ServiceName): Client<D> => {
    const client = connect(definition, open.addresses[service], { deadlineMs: DEADLINE_MS });
    closers.push(() => client.close());
    return followed(client, definition, seen);
  };
  const archives = Object.fromEntries(SERVICES.map((service) => [service, clientOf(CONTRACTS.archive, service)])) as Record<ServiceName, Archive>;
  const clients = Object.fromEntries(SERVICES.map((service) => [service, clientOf<Definition>(CONTRACTS[service], service)])) as unknown as Clients;
  return {
    ...clients,
    archive: archives.registry,
    deadLetters: clientOf(CONTRACTS.deadLetters, 'ingestion'),
    archiveOf: (service) => archives[service],
    addresses: open.addresses,
    httpAddress: open.httpAddress,
    gatewayAddress: open.gatewayAddress,
    events,
    publish: open.publish,
    objects: await openObjects(open.objects),
    post: async (path, body) => {
      const response = await fetch(`${open.httpAddress}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) });
      const answer = { status: response.status, body: (await response.json()) as unknown };
      seen.rest(answer.body);
      return answer;
    },
    ask: async (verb, path, { body, headers = {} } = {}) => {
      const response = await fetch(`${open.gatewayAddress}${path}`, { method: verb, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const answer = { status: response.status, body: (await response.json()) as unknown };
      seen.rest(answer.body);
      return answer;
    },
    source: async (file, content) => {
      const path = join(sources, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
    close: async () => {
      closers.forEach((close) => close());
      await open.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
