import { readFileSync } from 'node:fs';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { PredictRequest, PredictResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import { openModel } from './bare-model.mjs';
import { openVectors } from './bare-vectors.mjs';

/** What one writes who only wants the model behind a port with features from Redis: keys in, one round trip for packed vectors, the score out. No windows, no statuses, no guard, no log, no ids, no metrics. */
const { modelFile, vectorsFile, redisUrl } = JSON.parse(process.argv[2]);
const score = await openModel(JSON.parse(readFileSync(modelFile, 'utf8')));
const read = openVectors(new Redis(redisUrl), JSON.parse(readFileSync(vectorsFile, 'utf8')));

const http = fastify();
http.post('/v1/endpoints/:endpoint::predict', async ({ body: { rows: [row], eventTimes: [text] } }) => {
  const time = new Date(text);
  const feature = await read((name) => row[name], time);
  return { predictions: [{ score: await score((name) => row[name] ?? feature(name), time) }] };
});
const httpAddress = await http.listen({ host: '127.0.0.1', port: 0 });

const server = new Server();
const predict = {
  path: '/millrace.inference.v1.InferenceService/Predict',
  requestStream: false,
  responseStream: false,
  requestDeserialize: (bytes) => PredictRequest.decode(bytes),
  responseSerialize: (message) => Buffer.from(PredictResponse.encode(message).finish()),
};
const answer = async ({ rows: [{ values }], eventTimes: [time] }) => {
  const cell = (name) => values[name]?.kind.value;
  const feature = await read(cell, time);
  return score((name) => cell(name) ?? feature(name), time);
};
server.addService({ predict }, {
  predict: ({ request }, reply) => {
    answer(request).then((value) => reply(null, { predictions: [{ id: '', score: value, flags: [], refused: '' }], modelVersion: '', inputs: [] }), reply);
  },
});
const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));

process.stderr.write(`${JSON.stringify({ msg: 'ready', http: httpAddress, grpc: `127.0.0.1:${port}` })}\n`);
process.once('SIGTERM', () => process.exit(0));
