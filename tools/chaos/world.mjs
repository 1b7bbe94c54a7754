import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpUrl, SERVICES as VARIABLES } from '../cluster/service-kind.mjs';
import { openServices } from '../cluster/services.mjs';
import { judge } from '../faults/judge.mjs';
import { endProcessesOf } from '../faults/processes.mjs';
import { freePorts } from '../servers/port.mjs';
import { readRemains } from './remains.mjs';

const PLANTED = new URL('../faults/planted.mjs', import.meta.url).href;
const EFFECTS = new URL('preload.mjs', import.meta.url).href;
const POLL_MS = 100;
/** After so long whoever was asked to end is ended by force. */
const GRACE_MS = 19_500;
/** What the story calls each service. */
const CALLED = { ingestion: 'ingestion', features: 'feature-store', registry: 'registry', inference: 'inference', monitor: 'monitor', pipelines: 'pipelines' };

/** The services of one story, as processes of their own, on the servers of a row. */
export class World {
  #services;
  #known = new Map();
  /** Starts on their way, by the name of the process, and what came of those that are over and nobody has asked for. */
  #starting = new Map();
  #started = [];
  #disks = [];
  /** Proxies of services, which go with them. */
  #opened = [];
  /** Addresses of services by which what they say to each other goes through Toxiproxy. */
  #between;
  #addresses;

  /**
   * `place` gives the variables of the servers, see servers.mjs; `env` more for a service by its name, `plant` a bug to start with.
   * Where the servers have proxies the services find each other through them too.
   */
  constructor({ directory, roots, servers, place, instances = 1, env = () => ({}), disks = {}, plant }) {
    this.directory = join(directory, 'services');
    this.servers = servers;
    this.instances = instances;
    this.place = place;
    this.#between = servers.proxies && new Map();
    this.logs = join(directory, 'logs');
    mkdirSync(this.directory, { recursive: true });
    const preloaded = { NODE_OPTIONS: `--import ${PLANTED} --import ${EFFECTS}`, ...(plant === undefined ? {} : { MILLRACE_PLANT: plant }) };
    this.#services = openServices({ directory: this.directory, env: (name) => ({ ...place.seen, ...preloaded, ...Object.fromEntries(this.#between ?? []), ...env(name) }), instances, roots: [roots], logs: this.logs });
    this.scratch = join(directory, 'copies');
    for (const [name, kb] of Object.entries(disks)) this.#mount(this.diskOf(name), kb);
  }

  /** Each service as a server: start, stop, kill9, restart. */
  get services() {
    return this.#services.services;
  }

  /** Every process of a service, in words and by number. */
  get parts() {
    return Object.values(this.services).flatMap((service) => service.status().map((part) => ({ ...part, service: service.name, name: `${service.name}-${part.id}` })));
  }

  async reserve() {
    if (this.#addresses === undefined) {
      await this.#services.reserve();
      if (this.#between) await this.#openProxies();
    }
    const http = httpUrl(this.services.inference.ports);
    this.#addresses ??= { grpc: Object.fromEntries(Object.entries(CALLED).map(([name, folder]) => [name, this.services[folder].url])), http };
    return this.#addresses;
  }

  /** Where the first instance of a service keeps everything that is its own. */
  diskOf(service) {
    return join(this.directory, service, 'data', '1');
  }

  #mount(path, kb) {
    mkdirSync(path, { recursive: true });
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kb}k`, 'tmpfs', path], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`A disk of its own for ${path} needs root: ${stderr}`);
    this.#disks.push(path);
  }

  /** Every instance gets a proxy of its own, by which the other services find it; what calls from outside comes directly. */
  async #openProxies() {
    for (const { name, ports } of Object.values(this.services)) {
      const own = ports.filter((_port, index) => index % 2 === 1);
      const listen = await freePorts(own.length);
      for (const [index, upstream] of own.entries()) {
        await this.servers.proxies.open(`${name}-${index + 1}`, { listen: listen[index], upstream });
        this.#opened.push(`${name}-${index + 1}`);
      }
      this.#between.set(`MILLRACE_${VARIABLES[name]}_ADDRESS`, listen.map((port) => `127.0.0.1:${port}`).join(','));
    }
  }

  async start(onListening) {
    const addresses = await this.reserve();
    await this.#services.start();
    // A new object: who is told of it connects anew.
    onListening({ ...addresses, grpc: { ...addresses.grpc } });
  }

  /** Starts one instance again without waiting for it; `restarted` tells what became of it. */
  startLater({ service, id, name }) {
    const from = performance.now();
    const over = (error) => {
      this.#starting.delete(name);
      this.#started.push({ name, seconds: (performance.now() - from) / 1_000, error });
    };
    this.#starting.set(name, this.services[service].start({ only: id }).then(() => over(), over));
  }

  /** What has come of the starts since this was asked last; those on their way are waited for with `all`. */
  async restarted({ all = false } = {}) {
    if (all) await Promise.all(this.#starting.values());
    return this.#started.splice(0);
  }

  /** Processes that nobody is starting just now. */
  get steady() {
    return this.parts.filter(({ alive, name }) => alive && !this.#starting.has(name));
  }

  /** The lines between any two, by the name of the proxy: to each server and to each instance of a service. */
  get lines() {
    return ['kafka', 'postgres', 'redis', 's3', ...this.parts.map(({ name }) => name)];
  }

  /** Asks all to end in order; gives 0, or null when one had to be killed. */
  async stop() {
    await Promise.all(this.#starting.values());
    const began = performance.now();
    await this.#services.stop();
    return performance.now() - began < GRACE_MS ? 0 : null;
  }

  async end() {
    await endProcessesOf(this.directory);
    for (const name of this.#opened.splice(0)) await this.servers.proxies.remove(name);
    for (const path of this.#disks.splice(0)) spawnSync('umount', [path]);
  }

  /** Holds what is there now against what was acknowledged, while everything stands still. */
  async inspect(how) {
    const pids = this.parts.filter(({ alive }) => alive).map(({ pid }) => pid);
    const all = (signal) => pids.forEach((pid) => signalTo(pid, signal));
    const stoppedAt = performance.now();
    all('SIGSTOP');
    try {
      const remains = await readRemains({ directory: this.directory, variables: this.place.direct, known: this.#known, scratch: this.scratch });
      return judge(remains, { killedAt: stoppedAt, ...how });
    } finally {
      all('SIGCONT');
    }
  }

  /** Every process that is not ready, and why. */
  async troubles() {
    const health = await Promise.all(Object.values(this.services).map(async (service) => (await service.health()).map(({ id, trouble }) => ({ name: `${service.name}-${id}`, trouble }))));
    return health.flat().filter(({ trouble }) => trouble !== undefined);
  }

  /** Seconds until everything is ready, by itself; throws what is not after `ms`. */
  async untilReady(ms) {
    const began = performance.now();
    for (;;) {
      const troubles = await this.troubles();
      if (troubles.length === 0) return (performance.now() - began) / 1_000;
      if (performance.now() - began > ms) throw new Error(`after ${ms / 1_000} s still not ready: ${troubles.map(({ name, trouble }) => `${name} ${trouble}`).join('; ')}`);
      await sleep(POLL_MS);
    }
  }

  /** Processes that have ended of themselves. */
  get dead() {
    return this.parts.filter(({ alive, name }) => !alive && !this.#starting.has(name)).map(({ name }) => name);
  }

  /** Resident memory of a process, in MB. */
  memoryOf(pid) {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  }
}

function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
