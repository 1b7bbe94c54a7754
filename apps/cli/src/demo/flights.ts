import { openTables } from '@millrace/tables';

/** Flights by column, in the order of departure; times in milliseconds since 1970. */
export interface Flights {
  readonly count: number;
  readonly departure: Float64Array;
  /** When the delay is known: departure + half an hour on the ground + 7.5 s a mile + the delay. */
  readonly landing: Float64Array;
  readonly delay: Int32Array;
  readonly distance: Int32Array;
  readonly origin: Uint16Array;
  readonly destination: Uint16Array;
  /** Codes of the airports that origin and destination count. */
  readonly airports: readonly string[];
}

/** The rows that a contract would keep, of the flights whose delay is known at or after `from` and that depart before `to`. */
export async function readFlights(file: string, { from, to }: { readonly from: Date; readonly to: Date }): Promise<Flights> {
  const tables = await openTables({ allow: [file], memoryLimit: '256MB', threads: 1 });
  try {
    const landing = "date + INTERVAL 30 MINUTE + to_microseconds((distance * 7500000)::BIGINT) + to_microseconds((delay * 60000000)::BIGINT)";
    await tables.run(`CREATE TABLE airports AS SELECT code, (row_number() OVER (ORDER BY code) - 1)::USMALLINT AS id FROM (SELECT DISTINCT origin AS code FROM read_parquet('${file.replaceAll("'", "''")}') UNION SELECT DISTINCT destination FROM read_parquet('${file.replaceAll("'", "''")}'))`);
    const names = await tables.rows<{ code: string }>('SELECT code FROM airports ORDER BY id');
    const [departure, landed, delay, distance, origin, destination] = await tables.columns(
      `SELECT epoch_ms(date)::DOUBLE AS departure, epoch_ms(landing)::DOUBLE AS landing, delay::INTEGER AS delay, distance::INTEGER AS distance, o.id AS origin, d.id AS destination
       FROM (SELECT DISTINCT date, delay, distance, origin, destination, ${landing} AS landing FROM read_parquet('${file.replaceAll("'", "''")}')
             WHERE delay BETWEEN -90 AND 1800 AND date >= make_timestamp(${BigInt(from.getTime()) * 1000n} - 172800000000) AND date < make_timestamp(${BigInt(to.getTime()) * 1000n})) f
       JOIN airports o ON o.code = f.origin JOIN airports d ON d.code = f.destination
       WHERE landing >= make_timestamp(${BigInt(from.getTime()) * 1000n}) ORDER BY date, f.origin, f.destination, f.delay, f.distance`,
    );
    return {
      count: departure?.values.length ?? 0,
      departure: departure?.values as Float64Array,
      landing: landed?.values as Float64Array,
      delay: delay?.values as Int32Array,
      distance: distance?.values as Int32Array,
      origin: origin?.values as Uint16Array,
      destination: destination?.values as Uint16Array,
      airports: names.map(({ code }) => code),
    };
  } finally {
    await tables.close();
  }
}
