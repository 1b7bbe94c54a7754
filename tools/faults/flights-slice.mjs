import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTables, text } from '@millrace/tables';

const SOURCE = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** History goes up to here; what comes after is live. */
export const LIVE_FROM = Date.UTC(2001, 2, 11);
export const LIVE_DAYS = 3;
export const LIVE_TO = LIVE_FROM + LIVE_DAYS * DAY_MS;
const HISTORY_DAYS = 10;
/** One flight in so many is kept: some 1,100 a day. */
const SHARE = 15;

/**
 * Makes the slice that every story reads: real flights, one in fifteen, of ten days of history and three days that are replayed.
 * Gives its file, and the flights that a contract keeps, in order of departure.
 */
export async function makeSlice(directory) {
  const file = join(directory, 'flights.parquet');
  const tables = await openTables({ allow: [SOURCE, directory], memoryLimit: '600MB' });
  try {
    const time = (millis) => `make_timestamp(${BigInt(millis) * 1000n})`;
    await tables.run(
      `COPY (SELECT date, delay::BIGINT AS delay, distance::BIGINT AS distance, origin, destination
             FROM (SELECT *, row_number() OVER (ORDER BY date, origin, destination, delay, distance) AS place FROM read_parquet(${text(SOURCE)})
                   WHERE date >= ${time(LIVE_FROM - HISTORY_DAYS * DAY_MS)} AND date < ${time(LIVE_TO)})
             WHERE place % ${SHARE} = 0 ORDER BY place) TO ${text(file)} (FORMAT parquet)`,
    );
    const rows = await tables.rows(`SELECT DISTINCT * FROM read_parquet(${text(file)}) WHERE delay BETWEEN -90 AND 1800 ORDER BY ALL`);
    return { file, flights: rows.map(toFlight) };
  } finally {
    await tables.close();
  }
}

function toFlight({ date, delay, distance, origin, destination }) {
  const departure = date.getTime();
  // The knowledge time of the pipeline file.
  const landing = departure + 30 * 60_000 + Number(distance) * 7_500 + Number(delay) * 60_000;
  return { departure, landing, delay, distance, origin, destination, late: delay > 15n ? 1 : 0 };
}
