const HOUR_MS = 3_600_000;

/** Features of one airport and hour as bare doubles under one key of Redis; `views` says which column of a row holds the airport, and which features there are, in order. */
const keyOf = (prefix, airport, time) => `${prefix}${airport}:${Math.floor(time.getTime() / HOUR_MS)}`;

/** Reads the vectors of a row in one pipeline; gives its features by name. */
export function openVectors(redis, views) {
  return async (cell, time) => {
    const pipeline = redis.pipeline();
    for (const { prefix, column } of views) pipeline.getBuffer(keyOf(prefix, cell(column), time));
    const found = await pipeline.exec();
    const values = {};
    views.forEach(({ names }, i) => {
      const [error, bytes] = found[i];
      if (error) throw error;
      names.forEach((name, at) => (values[name] = bytes.readDoubleLE(at * 8)));
    });
    return (name) => values[name];
  };
}

/** Writes the vectors of rows that carry every input. */
export async function writeVectors(redis, views, rows) {
  for (const { values, time } of rows) {
    for (const { prefix, column, names } of views) {
      const bytes = Buffer.alloc(names.length * 8);
      names.forEach((name, at) => bytes.writeDoubleLE(values[name].value, at * 8));
      await redis.set(keyOf(prefix, values[column].value, new Date(time)), bytes);
    }
  }
}
