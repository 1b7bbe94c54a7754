import { openDuckdb, PARQUET, print } from './bare-duckdb.mjs';

/** The raw limit of a training set: the finished rows read and written again. */
const { source, out, limits } = JSON.parse(process.argv[2]);
const database = await openDuckdb(limits);
await database.run(`COPY (SELECT * FROM read_parquet('${source}')) TO '${out}' ${PARQUET}`);
database.close();
print({});
