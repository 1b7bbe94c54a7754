import { join } from 'node:path';
import { isError, uuidv7 } from '@millrace/core';
import { openDatabase, sqliteError, STORE_DOMAIN, type ThreadFault } from '@millrace/store';
import { errors } from './errors.js';

/** This process among those that share stores. */
export interface Instance {
  /** The same whenever a process is started over the same data directory. */
  readonly id: string;
  close(): void;
}

const FILE = 'instance.sqlite';

/** Names this process by its data directory, and keeps that directory for it: throws DATA_DIR_IN_USE while another process lives there. */
export function openInstance(dataDir: string): Instance {
  const file = join(dataDir, FILE);
  try {
    // The lock is the system's, so a process that is killed leaves none behind.
    const database = openDatabase(file, { exclusive: true });
    database.exec('create table if not exists instance (id text not null) strict');
    const kept = database.prepare('select id from instance').get() as { readonly id: string } | undefined;
    const id = kept?.id ?? uuidv7();
    if (!kept) database.prepare('insert into instance values (?)').run(id);
    return { id, close: () => database.close() };
  } catch (cause) {
    const error = sqliteError(file, cause as ThreadFault);
    throw isError(error, STORE_DOMAIN, 'STORE_BUSY') ? errors.DATA_DIR_IN_USE({ directory: dataDir }, { cause: error }) : error;
  }
}
