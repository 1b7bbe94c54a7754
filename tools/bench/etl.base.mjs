import { openDuckdb, PARQUET, print } from './bare-duckdb.mjs';

/** The same by hand for bare DuckDB: typed, the first of equal rows kept, gaps filled, clipped, scaled, one-hot, Parquet. No quarantine, no profile, nothing to apply to a later row. */
const { source, out, limits } = JSON.parse(process.argv[2]);
const database = await openDuckdb(limits);
const types = { order_id: 'BIGINT', ordered: 'TIMESTAMP', shop: 'VARCHAR', channel: 'VARCHAR', amount: 'DOUBLE', price: 'DOUBLE', quantity: 'BIGINT', age: 'BIGINT', weight: 'DOUBLE', score: 'DOUBLE' };
const columns = Object.keys(types).join(', ');
const schema = `{${Object.entries(types).map(([name, type]) => `'${name}': '${type}'`).join(', ')}}`;
await database.run(`CREATE TEMP TABLE orders AS SELECT ${columns} FROM (SELECT *, row_number() OVER () AS row FROM read_csv('${source}', header = true, columns = ${schema})) GROUP BY ${columns} ORDER BY min(row)`);
const means = await one(`SELECT ${['amount', 'quantity', 'age'].map((name) => `avg(${name}) AS ${name}`).join(', ')} FROM orders`);
const clipped = (x) => `least(greatest(${x}, 0), 500)`;
const filled = { amount: clipped(`coalesce(amount, ${means.amount})`), quantity: `coalesce(quantity, ${means.quantity})`, age: `coalesce(age, ${means.age})`, weight: clipped('weight'), score: 'score' };
const spread = await one(`SELECT ${Object.entries(filled).map(([name, x]) => `avg(${x}) AS ${name}_mean, stddev_pop(${x}) AS ${name}_deviation`).join(', ')}, min(price) AS low, max(price) AS high FROM orders`);
const shops = await database.rows('SELECT DISTINCT shop AS value FROM orders ORDER BY 1');
const channels = await database.rows(`SELECT DISTINCT coalesce(channel, 'none') AS value FROM orders ORDER BY 1`);
const features = [
  ...Object.entries(filled).map(([name, x]) => `CAST((${x} - ${spread[`${name}_mean`]}) / ${spread[`${name}_deviation`]} AS FLOAT) AS ${name}`),
  `CAST((price - ${spread.low}) / ${spread.high - spread.low} AS FLOAT) AS price`,
  ...shops.map(({ value }) => `CAST(shop = '${value}' AS FLOAT) AS "shop=${value}"`),
  ...channels.map(({ value }) => `CAST(coalesce(channel, 'none') = '${value}' AS FLOAT) AS "channel=${value}"`),
];
await database.run(`COPY (SELECT order_id, ${features.join(', ')} FROM orders) TO '${out}' ${PARQUET}`);
const { rows } = await one('SELECT count(*) AS rows FROM orders');
database.close();
print({ rows });

async function one(sql) {
  const [row] = await database.rows(sql);
  return row;
}
