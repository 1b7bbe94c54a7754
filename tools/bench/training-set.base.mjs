import { openDuckdb, PARQUET, print } from './bare-duckdb.mjs';

/**
 * The same training set by ASOF joins as one writes them: flights are counted into hours of the time at which they were known, hours into running totals by
 * airport; each row of the spine meets the totals before its hour and those at the start of each window, and the difference is the window.
 */
const { source, rows, out, limits } = JSON.parse(process.argv[2]);
const database = await openDuckdb(limits);
const HOUR = 3_600_000_000;
const TTL = 14 * 24 * HOUR;
const WINDOWS = [3, 24, 168];
const hour = (micros) => `((${micros}) // ${HOUR})`;
const known = `epoch_us(date) + 1800000000 + CAST(floor(CAST(distance AS DOUBLE) * 7500000e0) AS BIGINT) + CAST(floor(CAST(delay AS DOUBLE) * 60000000e0) AS BIGINT)`;
const sides = [['origin', 'origin'], ['destination', 'destination']];

await database.run(`CREATE TEMP TABLE spine AS SELECT row_number() OVER () AS id, epoch_us(date) AS time, ${hour('epoch_us(date)')} AS hour, *, CAST(delay > 15 AS BIGINT) AS late FROM read_parquet('${source}') WHERE ${rows}`);
for (const [side, key] of sides) {
  await database.run(`CREATE TEMP TABLE ${side}_totals AS SELECT airport, hour, max(last) OVER w AS last, sum(n) OVER w AS n, sum(late) OVER w AS late, sum(delay) OVER w AS delay FROM (SELECT ${key} AS airport, ${hour(known)} AS hour, max(epoch_us(date)) AS last, count(*) AS n, sum(CAST(delay > 15 AS BIGINT)) AS late, sum(delay) AS delay FROM read_parquet('${source}') GROUP BY ALL) WINDOW w AS (PARTITION BY airport ORDER BY hour)`);
  const joins = WINDOWS.map((hours) => `ASOF LEFT JOIN ${side}_totals AS w${hours} ON s.${key} = w${hours}.airport AND s.hour - ${hours} > w${hours}.hour`);
  const window = (figure, hours) => `(coalesce(t.${figure}, 0) - coalesce(w${hours}.${figure}, 0))`;
  const share = (figure, hours) => `CASE WHEN t.last >= s.time - ${TTL} AND ${window('n', hours)} > 0 THEN CAST(${window(figure, hours)} AS DOUBLE) / CAST(${window('n', hours)} AS DOUBLE) END`;
  const features = [...WINDOWS.map((hours) => `${share('late', hours)} AS ${side}_late_share_${hours}h`), ...WINDOWS.map((hours) => `${share('delay', hours)} AS ${side}_mean_delay_${hours}h`), `CASE WHEN t.last >= s.time - ${TTL} THEN CAST(${window('n', 3)} AS BIGINT) END AS ${side}_flights_3h`];
  await database.run(`CREATE TEMP TABLE ${side}_features AS SELECT s.id, ${features.join(', ')} FROM spine AS s ASOF LEFT JOIN ${side}_totals AS t ON s.${key} = t.airport AND s.hour > t.hour ${joins.join(' ')}`);
}
await database.run(`COPY (SELECT s.* EXCLUDE (id, time, hour), ${sides.map(([side]) => `${side}_features.* EXCLUDE (id)`).join(', ')} FROM spine AS s JOIN origin_features USING (id) JOIN destination_features USING (id) ORDER BY id) TO '${out}' ${PARQUET}`);
const [count] = await database.rows('SELECT count(*) AS rows FROM spine');
database.close();
print(count);
