import { Agent, request } from 'node:http';
import { print } from './bare-duckdb.mjs';
import { median, percentile } from './in-turns.mjs';

/** Searches runs over HTTP, one question at a time and each kind in turn, as the page does; prints the waits of all and the middle of each kind. */
const { address, experiment, runs, requests } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const { hostname, port } = new URL(address);
/** Questions of each kind that are not counted. */
const WARM = 10;
const COLUMNS = Array.from({ length: 20 }, (_, i) => `columns=${i % 2 === 0 ? 'params.param_' : 'metrics.metric_'}${i}`).join('&');
const where = (filter) => `filter=${encodeURIComponent(filter)}`;
const by = (order) => `orderBy=${encodeURIComponent(order)}`;

/** What is asked, differently each time, and how many runs it must tell of at least. */
const KINDS = {
  first: () => [`pageSize=100&${COLUMNS}`, runs],
  sorted: (i) => [`pageSize=100&${COLUMNS}&${by(`metrics.metric_${i % 100} desc`)}`, runs],
  filtered: (i) => [`pageSize=100&${COLUMNS}&${by(`metrics.metric_${i % 100}`)}&${where(`params.param_${1 + (i % 99)} > 0.004 AND metrics.metric_${(i + 1) % 100} > -0.3 AND state = SUCCEEDED`)}`, 1],
  text: (i) => [`pageSize=100&${COLUMNS}&${where(`display_name : "l ${i % 100}"`)}`, 1],
  deep: (i) => [`pageSize=100&${COLUMNS}&${by(`params.param_${1 + (i % 99)}`)}&skip=${runs - 150 - (i % 50)}`, runs],
  whole: (i) => [`pageSize=50&${by(`metrics.metric_${i % 100} desc`)}&skip=${(i * 997) % (runs - 50)}`, runs],
};

const waits = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
for (let i = -WARM; i < requests; i++) {
  for (const [kind, question] of Object.entries(KINDS)) {
    const [query, least] = question(Math.abs(i));
    const began = performance.now();
    const { runs: found = [], totalSize = 0 } = JSON.parse(await ask(`/v1/${experiment}/runs?${query}`));
    if (i >= 0) waits[kind].push(performance.now() - began);
    if (totalSize < least || found.length === 0) throw new Error(`${kind}: ${found.length} runs of ${totalSize} came back for ${query}.`);
  }
}
const all = Object.values(waits).flat();
print({ asked: all.length + WARM * Object.keys(KINDS).length, p50: median(all), p99: percentile(all, 0.99), kinds: Object.fromEntries(Object.entries(waits).map(([kind, some]) => [kind, { p50: median(some), p99: percentile(some, 0.99) }])) });
process.exit(0);

function ask(path) {
  return new Promise((resolve, reject) => {
    request({ agent, hostname, port, path, headers: { accept: 'application/json', 'accept-encoding': 'identity' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`))));
    }).on('error', reject).end();
  });
}
