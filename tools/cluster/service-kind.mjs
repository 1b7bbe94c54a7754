import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOST = '127.0.0.1';
const PROBE_MS = 2_000;

/** The services in the order in which they are shown, each with the word that the variables of its address have. */
export const SERVICES = { ingestion: 'INGESTION', 'feature-store': 'FEATURES', registry: 'REGISTRY', trainer: 'TRAINER', inference: 'INFERENCE', monitor: 'MONITOR', pipelines: 'PIPELINES', gateway: 'GATEWAY' };

/**
 * A Millrace service as a kind of server: a process for each instance, an HTTP and a gRPC port for each, data in a folder of its own.
 * `environment` gives the variables of the service when it is started. Options: `instances`.
 */
export function serviceKind(name, environment) {
  const entry = fileURLToPath(new URL(`../../apps/${name}/dist/main.js`, import.meta.url));
  return {
    name,
    stopSignal: 'SIGTERM',
    portCount: ({ instances = 1 }) => 2 * instances,
    missing: () => (existsSync(entry) ? undefined : `There is no ${entry}: npm run setup`),
    async prepare(folder, ports) {
      return Array.from({ length: ports.length / 2 }, (_, index) => {
        const [http, grpc] = ports.slice(2 * index);
        const data = join(folder, 'data', String(index + 1));
        mkdirSync(data, { recursive: true });
        const env = { ...environment(name), MILLRACE_DATA_DIR: data, MILLRACE_HOST: HOST, MILLRACE_HTTP_PORT: String(http), MILLRACE_GRPC_PORT: String(grpc) };
        return { id: String(index + 1), port: http, trouble: () => troubleOf(http), log: join(folder, `${index + 1}.log`), command: process.execPath, args: ['--enable-source-maps', entry], env };
      });
    },
    url: (ports) => ports.filter((_, index) => index % 2 === 1).map((port) => `${HOST}:${port}`).join(','),
  };
}

/** Where the HTTP sides of a service's instances are, as http://host:port, divided by commas. */
export const httpUrl = (ports) => ports.filter((_, index) => index % 2 === 0).map((port) => `http://${HOST}:${port}`).join(',');

/** Why a process is not ready, as it says itself; undefined when it is. */
async function troubleOf(port) {
  try {
    const answer = await fetch(`http://${HOST}:${port}/readyz`, { signal: AbortSignal.timeout(PROBE_MS) });
    return answer.ok ? undefined : `says that it is not ready: ${(await answer.text()).slice(0, 300)}`;
  } catch {
    return `does not answer on port ${port}`;
  }
}
