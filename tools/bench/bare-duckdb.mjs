import { tmpdir } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';

/** DuckDB alone, with the threads and the memory that the product gives its jobs. */
export async function openDuckdb({ threads, memoryLimit }) {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), memory_limit: memoryLimit, temp_directory: tmpdir() });
  const connection = await instance.connect();
  return {
    run: (sql) => connection.run(sql),
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** SQL of a number from 0 to 1 that hangs on the row's number i and on a salt alone. */
export const CHANCE = (salt) => `((hash(i + ${salt}) >> 11) / 9007199254740992.0)`;

/** How the product writes Parquet. */
export const PARQUET = '(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)';

/** Prints a result for the process that started this script. */
export const print = (value) => process.stdout.write(JSON.stringify(value, (_, cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
