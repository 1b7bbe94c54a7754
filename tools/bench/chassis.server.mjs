import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { GetModelVersionRequest, RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';

/** Answers one call at once, so that only the way to the handler costs: `ours` through everything that stands around a handler of the product, `base` through grpc-js alone. */
const [kind] = process.argv.slice(2);
const answer = ModelVersion.fromPartial({ name: 'models/late/versions/1', artifact: { digest: `sha256:${'0'.repeat(64)}`, size: 1n } });
const grpc = kind === 'ours' ? await chassis() : await bare();
process.stderr.write(`${JSON.stringify({ bench: 'ready', grpc })}\n`);
if (kind === 'base') process.once('SIGTERM', () => process.exit(0));

async function chassis() {
  const { standIn, standInService } = await import('@millrace/testing');
  const { runServices } = await import('@millrace/service');
  const running = await runServices([standInService([standIn(RegistryServiceDefinition, { getModelVersion: async () => answer })])], { env: process.env });
  process.once('SIGTERM', () => void running.close().finally(() => process.exit(0)));
  return running.grpcAddress;
}

async function bare() {
  const server = new Server();
  const get = {
    path: '/millrace.registry.v1.RegistryService/GetModelVersion',
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes) => GetModelVersionRequest.decode(bytes),
    responseSerialize: (message) => Buffer.from(ModelVersion.encode(message).finish()),
  };
  server.addService({ get }, { get: (_, reply) => reply(null, answer) });
  const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  return `127.0.0.1:${port}`;
}
