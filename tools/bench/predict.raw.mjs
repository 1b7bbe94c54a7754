import { readFileSync } from 'node:fs';
import { print } from './bare-duckdb.mjs';
import { openModel } from './bare-model.mjs';

/** The raw limit of a prediction: the session alone, row after row, in one process without a port. Prints CPU microseconds a row. */
const { modelFile, rowsFile, requests } = JSON.parse(process.argv[2]);
const score = await openModel(JSON.parse(readFileSync(modelFile, 'utf8')));
const rows = JSON.parse(readFileSync(rowsFile, 'utf8')).map(({ values, time }) => ({ values, time: new Date(time) }));
const ask = async (count) => {
  for (let i = 0; i < count; i++) {
    const { values, time } = rows[i % rows.length];
    await score((name) => values[name].value, time);
  }
};
await ask(requests / 4);
const before = process.cpuUsage();
await ask(requests);
const { user, system } = process.cpuUsage(before);
print((user + system) / requests);
