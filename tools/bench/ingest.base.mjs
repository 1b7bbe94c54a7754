import { join } from 'node:path';
import { openDuckdb, PARQUET, print } from './bare-duckdb.mjs';

/**
 * What a careful person writes by hand for what the flights' contract asks: typed rows in the order of the file, impossible ones aside with their reason,
 * exact duplicates removed and the first one kept, Parquet with the same settings, the profile of every column, and the rules that only warn.
 */
const { source, folder, limits } = JSON.parse(process.argv[2]);
const database = await openDuckdb(limits);
const columns = 'date, delay, distance, origin, destination';
const kept = `'${join(folder, 'kept.parquet')}'`;
const good = 'date IS NOT NULL AND delay BETWEEN -90 AND 1800 AND distance BETWEEN 1 AND 12000 AND origin IS NOT NULL AND destination IS NOT NULL';
const faults = [
  ['date IS NULL', 'date is missing'],
  ['delay IS NULL', 'delay is missing'],
  ['distance IS NULL', 'distance is missing'],
  ['delay < -90 OR delay > 1800', 'delay is impossible'],
  ['distance < 1 OR distance > 12000', 'distance is impossible'],
];

await database.run(`CREATE TEMP TABLE flights AS SELECT file_row_number + 1 AS row, CAST(date AS TIMESTAMP) AS date, CAST(delay AS BIGINT) AS delay, CAST(distance AS BIGINT) AS distance, CAST(origin AS VARCHAR) AS origin, CAST(destination AS VARCHAR) AS destination FROM read_parquet('${source}', file_row_number = true)`);
await database.run(`COPY (SELECT ${columns} FROM (SELECT min(row) AS row, ${columns} FROM flights WHERE ${good} GROUP BY ${columns}) ORDER BY row) TO ${kept} ${PARQUET}`);
await database.run(`COPY (SELECT row, concat_ws('; ', ${faults.map(([when, why]) => `CASE WHEN ${when} THEN '${why}' END`).join(', ')}) AS reasons, ${columns} FROM flights WHERE NOT coalesce(${good}, false) ORDER BY row) TO '${join(folder, 'quarantine.parquet')}' ${PARQUET}`);
const [counts] = await database.rows(`SELECT count(*) AS read, count(*) FILTER (NOT coalesce(${good}, false)) AS quarantined FROM flights`);
const figures = (name, x) => `count(*) - count(${name}) AS ${name}_missing, approx_count_distinct(${name}) AS ${name}_distinct${x ? `, min(${x}) AS ${name}_min, max(${x}) AS ${name}_max, avg(${x}) AS ${name}_mean, stddev_samp(${x}) AS ${name}_deviation` : ''}`;
const [profile] = await database.rows(`SELECT count(*) AS rows, ${[figures('date', 'epoch_us(date)'), figures('delay', 'delay'), figures('distance', 'distance'), figures('origin'), figures('destination')].join(', ')}, count(*) FILTER (NOT regexp_full_match(origin, '[A-Z0-9]{3}')) AS odd_airports FROM ${kept}`);
const quantiles = (x) => `quantile_disc(CAST(${x} AS DOUBLE), [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])`;
const [spread] = await database.rows(`SELECT ${quantiles('epoch_us(date)')} AS date, ${quantiles('delay')} AS delay, ${quantiles('distance')} AS distance FROM (SELECT *, row_number() OVER () AS n FROM ${kept}) WHERE n % 2 = 0`);
const top = (name) => database.rows(`SELECT ${name} AS value, count(*) AS n FROM ${kept} GROUP BY 1 ORDER BY n DESC, value LIMIT 20`);
const [origins, destinations] = [await top('origin'), await top('destination')];
database.close();
print({ ...counts, kept: profile.rows, profile, spread, origins, destinations });
