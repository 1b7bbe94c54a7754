import { get } from 'node:http';
import { print } from './bare-duckdb.mjs';
import { percentile } from './in-turns.mjs';

/** Reads one stream as so many clients, each over a connection of its own, until every one has heard every event; how long each was on its way. */
const { address, readers, events } = JSON.parse(process.argv[2]);
const waits = [];

const read = () =>
  new Promise((resolve, reject) => {
    let heard = 0;
    let rest = '';
    const call = get(`${address}/v1/alerts:watch`, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`A stream was answered with ${response.statusCode}.`));
      response.setEncoding('utf8').on('data', (part) => {
        const now = Date.now();
        const lines = (rest + part).split('\n');
        rest = lines.pop();
        for (const line of lines) {
          if (!line.startsWith('data: ')) continue;
          waits.push(now - JSON.parse(line.slice(6)).figures.sentMs);
          if (++heard === events) resolve(call);
        }
      });
      response.on('end', () => reject(new Error(`A stream ended after ${heard} events.`)));
      response.on('error', reject);
    });
    call.on('error', reject);
  });

const calls = await Promise.all(Array.from({ length: readers }, read));
if (waits.length !== readers * events) throw new Error(`${waits.length} events were heard, not ${readers * events}.`);
print({ p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) });
for (const call of calls) call.destroy();
process.exit(0);
