import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The services with a store of their own, by the name of their directory. */
export const SERVICES = ['ingestion', 'feature-store', 'registry', 'trainer', 'inference', 'monitor', 'pipelines'];

const FILES = { events: 'events.sqlite', spool: 'inference/spool.sqlite', ...Object.fromEntries(SERVICES.map((service) => [service, `${service}/store.sqlite`])) };

/**
 * Copies every database of a process that is dead, with the log that it had not yet folded in: the original is left for the process that comes next,
 * which has to recover it by itself.
 */
export function copyDatabases(dataDir, directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const copies = {};
  for (const [name, file] of Object.entries(FILES)) {
    if (!existsSync(join(dataDir, file))) continue;
    copies[name] = join(directory, `${name}.sqlite`);
    for (const suffix of ['', '-wal']) if (existsSync(join(dataDir, file) + suffix)) cpSync(join(dataDir, file) + suffix, copies[name] + suffix);
  }
  return copies;
}

/** Opens the copies; a table that is not there yet has no rows. */
export function openDatabases(copies) {
  const open = Object.entries(copies).map(([name, file]) => [name, new DatabaseSync(file)]);
  const databases = Object.fromEntries(open);
  const tables = new Map(open.map(([name, database]) => [name, new Set(database.prepare("select name from sqlite_master where type = 'table'").all().map((row) => row.name))]));
  return {
    names: open.map(([name]) => name),
    /** Rows of a query over one table, times `select` as they lie. A store that has been migrated and lacks the table is another one than this tool knows. */
    rows: (name, table, columns = '*') => {
      if (tables.get(name)?.has(table)) return databases[name].prepare(`select ${columns} from "${table}"`).all();
      if (tables.get(name)?.has('millrace_migration')) throw new Error(`The store of ${name} has no table "${table}": tools/crash reads an older schema.`);
      return [];
    },
    /** What SQLite itself says of the whole file. */
    verdict: (name) => [...databases[name].prepare('pragma integrity_check').all().map((row) => row.integrity_check), ...databases[name].prepare('pragma foreign_key_check').all().map((row) => `a row of ${row.table} points nowhere`)].join('; '),
    close: () => open.forEach(([, database]) => database.close()),
  };
}
