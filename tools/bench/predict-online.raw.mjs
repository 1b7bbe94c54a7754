import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { print } from './bare-duckdb.mjs';
import { openModel } from './bare-model.mjs';
import { openVectors } from './bare-vectors.mjs';

/** The raw limit of a prediction with features from Redis: pipeline, decode, session, `atOnce` rows at a time in one process without a port. Prints CPU microseconds a row. */
const { modelFile, vectorsFile, redisUrl, rowsFile, requests, atOnce } = JSON.parse(process.argv[2]);
const score = await openModel(JSON.parse(readFileSync(modelFile, 'utf8')));
const redis = new Redis(redisUrl);
const read = openVectors(redis, JSON.parse(readFileSync(vectorsFile, 'utf8')));
const rows = JSON.parse(readFileSync(rowsFile, 'utf8')).map(({ values, time }) => ({ values, time: new Date(time) }));

async function ask(count) {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) {
      const { values, time } = rows[next++ % rows.length];
      const feature = await read((name) => values[name].value, time);
      await score((name) => values[name]?.value ?? feature(name), time);
    }
  }));
}

await ask(requests / 4);
const before = process.cpuUsage();
await ask(requests);
const { user, system } = process.cpuUsage(before);
print((user + system) / requests);
redis.disconnect();
