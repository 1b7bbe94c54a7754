import { engine, openTables } from '@millrace/tables';

/** Flights by column, in the order of departure; times in milliseconds since 1970. */
export interface Flights {
  readonly count: number;
  readonly departure: Float64Array;
  /** When the delay is known: departure + half an hour on the ground + 7.5 s a mile + the delay. */
  readonly landing: Float64Array;
  readonly delay: Int32Array;
  readonly distance: Int32Array;
  readonly origin: Int32Array;
  readonly destination: Int32Array;
  /** Codes of the airports that origin and destination count. */
  readonly airports: readonly string[];
}

/** In microseconds. */
const MINUTE = 60_000_000;
/** In microseconds: none of those that a contract keeps has landed later after its departure. */
const LONGEST_FLIGHT = 2 * 24 * 60 * MINUTE;

const at = (time: Date, micros = 0): string => engine.time(String(time.getTime() * 1000 + micros));

/** The rows that a contract would keep, of the flights whose delay is known at or after `from` and that depart before `to`. */
export async function readFlights(file: string, { from, to }: { readonly from: Date; readonly to: Date }): Promise<Flights> {
  const tables = await openTables({ allow: [file], memoryLimit: '256MB', threads: 1 });
  try {
    const rows = engine.parquet([file]);
    const landing = engine.time(`${engine.micros('date')} + ${30 * MINUTE} + CAST(distance * ${MINUTE / 8} AS BIGINT) + CAST(delay * ${MINUTE} AS BIGINT)`);
    await tables.run(`CREATE TEMP TABLE airports AS SELECT code, CAST(row_number() OVER (ORDER BY code) - 1 AS INTEGER) AS id FROM (SELECT DISTINCT origin AS code FROM ${rows} UNION SELECT DISTINCT destination FROM ${rows})`);
    const names = await tables.rows<{ code: string }>('SELECT code FROM airports ORDER BY id');
    const [departure, landed, delay, distance, origin, destination] = await tables.columns(
      `SELECT CAST(${engine.millis('date')} AS DOUBLE) AS departure, CAST(${engine.millis('landing')} AS DOUBLE) AS landing, CAST(delay AS INTEGER) AS delay, CAST(distance AS INTEGER) AS distance, o.id AS origin, d.id AS destination
       FROM (SELECT DISTINCT date, delay, distance, origin, destination, ${landing} AS landing FROM ${rows}
             WHERE delay BETWEEN -90 AND 1800 AND date >= ${at(from, -LONGEST_FLIGHT)} AND date < ${at(to)}) f
       JOIN airports o ON o.code = f.origin JOIN airports d ON d.code = f.destination
       WHERE landing >= ${at(from)} ORDER BY date, f.origin, f.destination, f.delay, f.distance`,
    );
    return {
      count: departure?.values.length ?? 0,
      departure: departure?.values as Float64Array,
      landing: landed?.values as Float64Array,
      delay: delay?.values as Int32Array,
      distance: distance?.values as Int32Array,
      origin: origin?.values as Int32Array,
      destination: destination?.values as Int32Array,
      airports: names.map(({ code }) => code),
    };
  } finally {
    await tables.close();
  }
}
