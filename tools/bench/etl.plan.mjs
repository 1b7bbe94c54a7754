import { openObjects } from '@millrace/objects';
import { fitPlan, parsePlan, toSql } from '@millrace/plan';
import { openTables } from '@millrace/tables';
import { print } from './bare-duckdb.mjs';

/** Fits a plan on all rows of a clean table, as a training job does on its own, and writes what it makes of each as Parquet. */
const { place, digest, schema, plan, limits, order } = JSON.parse(process.argv[2]);
const objects = await openObjects(place);
const tables = await openTables({ objects, ...limits });
const relation = `(SELECT * FROM ${await tables.scan([digest])})`;
const fitted = await fitPlan(parsePlan(plan, { inputs: schema }), { relation, order, query: (sql) => tables.rows(sql) });
const { ref, rows } = await tables.writeParquet(toSql(fitted, relation, { tail: [order] }));
await tables.close();
print({ rows, file: await objects.file(ref.digest) });
