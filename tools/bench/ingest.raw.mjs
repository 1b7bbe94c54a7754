import { join } from 'node:path';
import { openDuckdb, PARQUET, print } from './bare-duckdb.mjs';

/** The raw limit of an ingestion: every row read and written again, nothing asked of it. */
const { source, folder, limits } = JSON.parse(process.argv[2]);
const database = await openDuckdb(limits);
await database.run(`COPY (SELECT * FROM read_parquet('${source}')) TO '${join(folder, 'raw.parquet')}' ${PARQUET}`);
database.close();
print({});
