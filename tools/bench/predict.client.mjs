import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { connect } from '@millrace/rpc';
import { print } from './bare-duckdb.mjs';
import { percentile } from './in-turns.mjs';

/**
 * Asks for predictions of one row each, from a process of its own: as fast as so many questions at once allow, or so many a second whatever comes back.
 * Prints the scores of the first rows, and the waits.
 */
const { by, address, endpoint, rowsFile, requests, atOnce, aSecond } = JSON.parse(process.argv[2]);
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'));
const ask = by === 'rest' ? overRest() : overGrpc();
const [waits, scores] = [[], []];

await (aSecond === undefined ? closedLoop() : openLoop());
print({ p50: percentile(waits, 0.5), p99: percentile(waits, 0.99), scores: scores.slice(0, rows.length) });
process.exit(0);

async function one(i) {
  const began = performance.now();
  scores[i] = await ask(rows[i % rows.length]);
  waits.push(performance.now() - began);
}

async function closedLoop() {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < requests) await one(next++);
  }));
}

/** Waits count from the moment at which a question was due, so that a stalled server is not asked less. */
async function openLoop() {
  const began = performance.now();
  const open = [];
  for (let i = 0; i < requests; i++) {
    const due = began + (i * 1_000) / aSecond;
    if (performance.now() < due) await sleep(due - performance.now());
    open.push(ask(rows[i % rows.length]).then((score) => {
      scores[i] = score;
      waits.push(performance.now() - due);
    }));
  }
  await Promise.all(open);
}

function overRest() {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce ?? 64 });
  const path = `/v1/endpoints/${endpoint}:predict`;
  return ({ values, time }) => new Promise((resolve, reject) => {
    const body = JSON.stringify({ rows: [Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]))], eventTimes: [new Date(time).toISOString()] });
    const call = request({ agent, hostname, port, path, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text).predictions[0].score) : reject(new Error(`${response.statusCode}: ${text}`))));
    });
    call.on('error', reject).end(body);
  });
}

function overGrpc() {
  const client = connect(InferenceServiceDefinition, address, { observers: [], deadlineMs: 60_000 });
  const cell = ({ kind, value }) => ({ kind: { $case: kind, value: kind === 'int64Value' ? BigInt(value) : value } });
  return async ({ values, time }) => {
    const row = { values: Object.fromEntries(Object.entries(values).map(([name, found]) => [name, cell(found)])) };
    const { predictions } = await client.predict({ endpoint: `endpoints/${endpoint}`, rows: [row], eventTimes: [new Date(time)] });
    return predictions[0].score;
  };
}
