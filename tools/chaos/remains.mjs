import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '../faults/facts.mjs';
import { readLog } from '../faults/log-facts.mjs';
import { processesOf } from '../faults/processes.mjs';
import { copyDatabases, openDatabases } from '../faults/sqlite-copies.mjs';
import { readBucket } from './bucket-facts.mjs';
import { readTopics } from './kafka-facts.mjs';
import { readStores } from './postgres-facts.mjs';

/** What services that stand still, or have ended, have left: rows in PostgreSQL, events in Kafka, objects in S3, spools and jobs in the data directories of the processes. */
export async function readRemains({ directory, variables, known, scratch }) {
  const [databases, bus, objects] = await Promise.all([
    readStores(variables.MILLRACE_DATABASE_URL),
    readTopics({ brokers: variables.MILLRACE_KAFKA_BROKERS, prefix: variables.MILLRACE_KAFKA_PREFIX }),
    readBucket({ endpoint: variables.MILLRACE_S3_ENDPOINT, bucket: variables.MILLRACE_S3_BUCKET, region: variables.AWS_REGION, access: { accessKeyId: variables.AWS_ACCESS_KEY_ID, secretAccessKey: variables.AWS_SECRET_ACCESS_KEY } }, known),
  ]);
  const places = SERVICES.flatMap((service) => listDirectory(join(directory, service, 'data')).map((instance) => ({ service, instance, path: join(directory, service, 'data', instance, service) })));
  return {
    databases,
    bus,
    spool: readSpools(places.filter(({ service }) => service === 'inference'), scratch),
    objects,
    jobDirectories: places.flatMap(({ service, instance, path }) => listDirectory(join(path, 'jobs')).map((id) => `${service}/${instance}/jobs/${id}`)),
    processes: processesOf(directory),
  };
}

/** Every instance of inference has a spool of its own. */
function readSpools(places, scratch) {
  const spools = openDatabases(copyDatabases(Object.fromEntries(places.map(({ instance, path }) => [`spool-${instance}`, join(path, 'spool.sqlite')])), scratch));
  try {
    const logs = spools.names.map((name) => readLog(spools, name, name));
    const damage = spools.names.map((name) => [name, spools.verdict(name)]).filter(([, verdict]) => verdict !== 'ok');
    return { announcements: logs.flatMap(({ announcements }) => announcements), holes: [...logs.flatMap(({ holes }) => holes), ...damage.map(([name, verdict]) => `${name}: ${verdict}`)] };
  } finally {
    spools.close();
  }
}

const listDirectory = (directory) => (existsSync(directory) ? readdirSync(directory) : []);
