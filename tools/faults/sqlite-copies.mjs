import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Copies SQLite files, given by name, of a process that is dead or stands still, with the log that it had not yet folded in: the original is left for the process that comes next,
 * which has to recover it by itself.
 */
export function copyDatabases(files, directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const copies = {};
  for (const [name, file] of Object.entries(files)) {
    if (!existsSync(file)) continue;
    copies[name] = join(directory, `${name}.sqlite`);
    for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) cpSync(file + suffix, copies[name] + suffix);
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
    /** Rows of one table as they lie. A store that has been migrated and lacks the table is another one than this tool knows. */
    rows: (name, table) => {
      if (tables.get(name)?.has(table)) return databases[name].prepare(`select * from "${table}"`).all();
      if (tables.get(name)?.has('millrace_migration')) throw new Error(`The store of ${name} has no table "${table}": tools/faults reads an older schema.`);
      return [];
    },
    /** What SQLite itself says of the whole file. */
    verdict: (name) => [...databases[name].prepare('pragma integrity_check').all().map((row) => row.integrity_check), ...databases[name].prepare('pragma foreign_key_check').all().map((row) => `a row of ${row.table} points nowhere`)].join('; '),
    close: () => open.forEach(([, database]) => database.close()),
  };
}
