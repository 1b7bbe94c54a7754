import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '../faults/facts.mjs';
import { readLog } from '../faults/log-facts.mjs';
import { readFileObjects } from '../faults/object-facts.mjs';
import { processesOf } from '../faults/processes.mjs';
import { copyDatabases, openDatabases } from '../faults/sqlite-copies.mjs';

const FILES = { events: 'events.sqlite', spool: 'inference/spool.sqlite', ...Object.fromEntries(SERVICES.map((service) => [service, `${service}/store.sqlite`])) };

/** What the dead process of all services has left in its data directory, handed to `read`; `scratch` is for copies. */
export function withRemains(dataDir, scratch, read) {
  const databases = openDatabases(copyDatabases(Object.fromEntries(Object.entries(FILES).map(([name, file]) => [name, join(dataDir, file)])), scratch));
  try {
    return read({
      databases,
      bus: readLog(databases, 'events', 'bus'),
      spool: readLog(databases, 'spool', 'spool'),
      objects: readFileObjects(join(dataDir, 'objects')),
      jobDirectories: SERVICES.flatMap((service) => listDirectory(join(dataDir, service, 'jobs')).map((id) => `${service}/jobs/${id}`)),
      processes: processesOf(dataDir),
    });
  } finally {
    databases.close();
  }
}

const listDirectory = (directory) => (existsSync(directory) ? readdirSync(directory) : []);
