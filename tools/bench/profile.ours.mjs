import { dirname } from 'node:path';
import { openTables } from '@millrace/tables';
import { profileColumns } from '../../apps/ingestion/dist/profiling/profile-columns.js';
import { print } from './bare-duckdb.mjs';

/** The profile that ingestion makes of the rows of a version. */
const { file, columns, rows, limits } = JSON.parse(process.argv[2]);
const tables = await openTables({ ...limits, allow: [dirname(file)] });
const profile = await profileColumns(tables, `read_parquet('${file}')`, { columns, rows, signal: new AbortController().signal });
await tables.close();
print({ columns: profile.columns.length });
