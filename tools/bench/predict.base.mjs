import { readFileSync } from 'node:fs';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { PredictRequest, PredictResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { fastify } from 'fastify';
import { openModel } from './bare-model.mjs';

/** What one writes who only wants the model behind a port: the same requests as the product takes, the score out. No guard, no log, no ids, no metrics. */
const score = await openModel(JSON.parse(readFileSync(process.argv[2], 'utf8')));

const http = fastify();
http.post('/v1/endpoints/:endpoint::predict', async ({ body: { rows: [row], eventTimes: [time] } }) => ({ predictions: [{ score: await score((name) => row[name], new Date(time)) }] }));
const httpAddress = await http.listen({ host: '127.0.0.1', port: 0 });

const server = new Server();
const predict = {
  path: '/millrace.inference.v1.InferenceService/Predict',
  requestStream: false,
  responseStream: false,
  requestDeserialize: (bytes) => PredictRequest.decode(bytes),
  responseSerialize: (message) => Buffer.from(PredictResponse.encode(message).finish()),
};
server.addService({ predict }, {
  predict: ({ request: { rows: [{ values }], eventTimes: [time] } }, reply) => {
    score((name) => values[name].kind.value, time).then((value) => reply(null, { predictions: [{ id: '', score: value, flags: [], refused: '' }], modelVersion: '', inputs: [] }), reply);
  },
});
const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));

process.stderr.write(`${JSON.stringify({ msg: 'ready', http: httpAddress, grpc: `127.0.0.1:${port}` })}\n`);
process.once('SIGTERM', () => process.exit(0));
