import { Agent, request } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { connect } from '@millrace/rpc';
import { Redis } from 'ioredis';
import { print } from './bare-duckdb.mjs';
import { percentile } from './in-turns.mjs';

/** Reads the online vectors of so many entities again and again, one question at a time, and prints the waits and the first vector. */
const { by, address, service, width, entities, known, requests, time } = JSON.parse(process.argv[2]);
const ask = { grpc: overGrpc, feast: overFeast, sqlite: fromSqlite, redis: fromRedis }[by]();
const waits = [];
let first;

for (let i = -Math.ceil(requests / 10); i < requests; i++) {
  const machines = Array.from({ length: entities }, (_, at) => (Math.abs(i) * entities * 7 + at) % known);
  const began = performance.now();
  const vectors = await ask(machines);
  if (i >= 0) waits.push(performance.now() - began);
  if (vectors.length !== entities || vectors.some((vector) => vector.length !== width)) throw new Error(`${vectors.length} vectors of ${vectors[0]?.length} came back.`);
  if (i === 0) first = vectors[0];
}
print({ p50: percentile(waits, 0.5), p99: percentile(waits, 0.99), first });
process.exit(0);

function overGrpc() {
  const client = connect(FeatureStoreServiceDefinition, address, { observers: [], deadlineMs: 60_000 });
  return async (machines) => {
    const { vectors } = await client.getOnlineFeatures({ featureService: service, keys: machines.map((machine) => ({ values: { machine: { kind: { $case: 'int64Value', value: BigInt(machine) } } } })), time: new Date(time) });
    return vectors.map(({ values }) => values.map(({ kind }) => kind?.value));
  };
}

/** The HTTP API of `feast serve`: one list of values a feature. */
function overFeast() {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (machines) => new Promise((resolve, reject) => {
    const body = JSON.stringify({ feature_service: service, entities: { machine: machines } });
    const call = request({ agent, hostname, port, path: '/get-online-features', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${response.statusCode}: ${text}`));
        const { metadata, results } = JSON.parse(text);
        // In no order that was asked for.
        const readings = metadata.feature_names.flatMap((name, i) => (name === 'machine' ? [] : [{ place: Number(name.split('_')[1]), values: results[i].values }])).sort((a, b) => a.place - b.place);
        return resolve(machines.map((_, at) => readings.map(({ values }) => values[at])));
      });
    });
    call.on('error', reject).end(body);
  });
}

/** Packed doubles by key in a file, read in this process: nothing between the question and the value. */
function fromSqlite() {
  const get = new DatabaseSync(address).prepare('SELECT value FROM vectors WHERE machine = ?');
  return (machines) => machines.map((machine) => doubles(Buffer.from(get.get(machine).value)));
}

function fromRedis() {
  const redis = new Redis(address);
  return async (machines) => (await redis.mgetBuffer(machines.map((machine) => `bare:${machine}`))).map(doubles);
}

function doubles(bytes) {
  return Array.from({ length: width }, (_, i) => bytes.readDoubleLE(i * 8));
}
