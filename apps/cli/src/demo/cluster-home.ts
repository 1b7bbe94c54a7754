import { join } from 'node:path';
import { errors } from '../errors.js';
import { type DemoHome, SERVICES, type ServiceName } from './demo-home.js';

/** The home that the environment names: services that run already, each where its address says, and their objects in a bucket, read through a cache in `directory`. Who started it ends it. */
export function clusterHome(env: Readonly<Record<string, string | undefined>>, directory: string): DemoHome {
  const absent: string[] = [];
  const named = (variable: string): string => {
    const value = env[variable];
    if (value === undefined) absent.push(variable);
    return value ?? '';
  };
  const ofEach = (suffix: string): Readonly<Record<ServiceName, string>> => Object.fromEntries(SERVICES.map((name) => [name, named(`MILLRACE_${name.toUpperCase()}_${suffix}`)])) as Record<ServiceName, string>;
  const addresses = ofEach('ADDRESS');
  const http = ofEach('HTTP_ADDRESS');
  const bucket = named('MILLRACE_S3_BUCKET');
  if (absent.length > 0) throw errors.CLUSTER_NOT_NAMED({ variables: absent.join(', ') });
  const { MILLRACE_S3_ENDPOINT: endpoint, MILLRACE_S3_PREFIX: prefix = '', AWS_REGION: region = 'us-east-1' } = env;
  return {
    addresses,
    httpAddress: http.inference.split(',')[0] ?? '',
    processes: Object.values(http).flatMap((list) => list.split(',')),
    objects: { bucket: { bucket, region, prefix, ...(endpoint === undefined ? {} : { endpoint }) }, cacheDirectory: join(directory, 'objects') },
    ended: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}
