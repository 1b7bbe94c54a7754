import { openDuckdb, print } from './bare-duckdb.mjs';

/** DuckDB's own summary of the same table. */
const { file, limits } = JSON.parse(process.argv[2]);
const database = await openDuckdb(limits);
const columns = await database.rows(`SUMMARIZE SELECT * FROM read_parquet('${file}')`);
database.close();
print({ columns: columns.length });
