import { Agent, request } from 'node:http';
import { print } from './bare-duckdb.mjs';
import { percentile } from './in-turns.mjs';

/** Asks as fast as so many at once allow, from a process of its own, and holds every answer against the first. */
const { address, what, by, requests, atOnce } = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(address);
const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
const root = by === 'hand' ? '/hand' : '/v1';
const metrics = Array.from({ length: 20 }, (_, step) => ({ key: 'auc', value: 0.7 + step / 100, step: String(step), time: '2001-04-01T00:00:00Z' }));
const ASKED = {
  get: { method: 'GET', path: `${root}/models/late-flights/versions/1` },
  list: { method: 'GET', path: `${root}/models/late-flights/versions?pageSize=50` },
  log: { method: 'POST', path: `${root}/experiments/late/runs/1:log`, body: JSON.stringify({ metrics, requestId: 'a' }) },
};
const { method, path, body } = ASKED[what];
const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };

const ask = () =>
  new Promise((resolve, reject) => {
    const call = request({ agent, hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`))));
    });
    call.on('error', reject).end(body);
  });

const first = await ask();
if (first.length < 90) throw new Error(`An answer of ${first.length} characters: ${first}`);
const waits = [];
let left = requests;
await Promise.all(Array.from({ length: atOnce }, async () => {
  while (left-- > 0) {
    const began = performance.now();
    if ((await ask()) !== first) throw new Error('An answer that differs from the first.');
    waits.push(performance.now() - began);
  }
}));
agent.destroy();
print({ p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) });
