import { join, resolve } from 'node:path';
import { freePorts } from '../servers/port.mjs';
import { openServer } from '../servers/server.mjs';
import { httpUrl, serviceKind, SERVICES } from './service-kind.mjs';

const PORTS_EACH = 2;

/**
 * The services as processes in the folder `directory`, on the servers that the variables of `env` name; it is asked for each service by its name,
 * and what it says comes before what is found here. Each has so many `instances`, reads sources
 * below `roots`, and keeps its ports over stops, kills and starts.
 */
export function openServices({ directory, env, instances = 1, roots, logs = join(directory, 'logs') }) {
  const all = Object.keys(SERVICES).map((name) => openServer(serviceKind(name, environment), { dir: directory, logs: resolve(logs), instances }));
  const addresses = () => Object.fromEntries(all.flatMap(({ name, url, ports }) => [[`MILLRACE_${SERVICES[name]}_ADDRESS`, url], [`MILLRACE_${SERVICES[name]}_HTTP_ADDRESS`, httpUrl(ports)]]));
  function environment(name) {
    return { ...addresses(), ...env(name), MILLRACE_SOURCE_ROOTS: roots.map((root) => resolve(root)).join(':') };
  }

  return {
    /** Each service by its name, as a server: start, stop, restart and kill9, of one instance too (`only`), status and health. */
    services: Object.fromEntries(all.map((service) => [service.name, service])),
    /** The variables by which a client, or one service another, finds each service. */
    addresses,
    /** Takes ports for every instance, all at once: each service must know those of the others before it starts. */
    async reserve() {
      const wanted = PORTS_EACH * instances;
      const lacking = all.map(({ ports }) => Math.max(0, wanted - ports.length));
      const fresh = [...(await freePorts(lacking.reduce((sum, count) => sum + count, 0)))];
      all.forEach((service, index) => service.reserve([...service.ports, ...fresh.splice(0, lacking[index])].slice(0, wanted)));
    },
    /** Starts what does not run and resolves when all are ready. */
    start: async () => void (await Promise.all(all.map((service) => service.start()))),
    stop: async () => void (await Promise.all(all.map((service) => service.stop()))),
  };
}
