import { mkdirSync } from 'node:fs';
import pg from 'pg';
import { makeBucket, variablesOf } from '../cluster/variables.mjs';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { freePorts } from '../servers/port.mjs';
import { openServer } from '../servers/server.mjs';
import { toxiproxy } from '../servers/toxiproxy.mjs';
import { FailingProxy } from './failing-proxy.mjs';
import { Proxies } from './proxies.mjs';

/** Room for two instances of every service, each with its pool. */
const CONNECTIONS = 400;

/**
 * Starts the servers that a row needs below a folder, hands them to `work`, and ends them with it. With `proxied`, everything that a service says to a server goes
 * through Toxiproxy, and to S3 also through a proxy that can answer in its place.
 */
export async function withServers({ directory, brokers = 1, proxied = false }, work) {
  mkdirSync(directory, { recursive: true });
  const release = await guard(directory);
  const failing = new FailingProxy();
  try {
    const open = (kind, options = {}) => openServer(kind, { dir: directory, ...options });
    const between = proxied ? await openProxies(open(toxiproxy)) : undefined;
    const servers = {
      kafka: open(KINDS.kafka, { brokers, ...(between ? { advertised: [between.ports.kafka] } : {}) }),
      postgres: open(KINDS.postgres, { maxConnections: CONNECTIONS }),
      redis: open(KINDS.redis),
      s3: open(KINDS.s3),
    };
    await Promise.all(Object.values(servers).map((server) => server.start()));
    if (between) for (const [name, listen] of Object.entries(between.ports)) await between.proxies.open(name, { listen, upstream: servers[name].ports[0] });
    const s3Port = between && (await failing.listen(between.ports.s3));
    const urls = Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, url]));
    const through = (name, port) => (port === undefined ? urls[name] : urls[name].replace(/:\d+(?=\/|$)/, `:${port}`));
    const own = new ServerSet({ directory, servers, proxies: between?.proxies, failing, direct: urls, seen: { kafka: through('kafka', between?.ports.kafka), postgres: through('postgres', between?.ports.postgres), redis: through('redis', between?.ports.redis), s3: through('s3', s3Port) } });
    return await work(own);
  } finally {
    await failing.close();
    await release();
  }
}

/** The servers of a row, and places for one story after another on them. */
class ServerSet {
  constructor({ directory, servers, proxies, failing, direct, seen }) {
    Object.assign(this, servers);
    this.directory = directory;
    this.servers = servers;
    this.proxies = proxies;
    this.failing = failing;
    this.urls = { direct, seen };
  }

  /** A database, a bucket and a prefix for one story: the variables as the services see them, and as they are without anything between. */
  async place(name) {
    const { direct, seen } = this.urls;
    const client = new pg.Client({ connectionString: direct.postgres });
    await client.connect();
    await client.query(`create database "${name}"`).finally(() => client.end());
    const database = (url) => url.replace(/\/postgres$/, `/${name}`);
    const variables = (urls) => ({ ...variablesOf({ ...urls, postgres: database(urls.postgres) }, { bucket: name, prefix: `${name}.` }), MILLRACE_REDIS_PREFIX: `${name}:` });
    await makeBucket(variables(direct));
    return { seen: variables(seen), direct: variables(direct) };
  }
}

async function openProxies(server) {
  const names = ['kafka', 'postgres', 'redis', 's3'];
  const ports = await freePorts(names.length);
  return { proxies: new Proxies(await server.start()), ports: Object.fromEntries(names.map((name, index) => [name, ports[index]])) };
}
