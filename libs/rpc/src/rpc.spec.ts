import { connect, RpcHost } from './index.js';
import { ProbeDefinition } from './probe.fixture.js';
import { rpcSuite } from './rpc.suite.js';

const PATIENCE_MS = 30_000;

rpcSuite('calls over gRPC', async (handlers, options) => {
  const host = new RpcHost(options);
  host.register(ProbeDefinition, handlers);
  const address = await host.listen('127.0.0.1:0');
  const client = connect(ProbeDefinition, address);
  return {
    client,
    drain: () => host.drain(PATIENCE_MS),
    close: async () => {
      client.close();
      await host.close();
    },
  };
});

rpcSuite('calls within a process', async (handlers, options) => {
  const host = new RpcHost(options);
  host.register(ProbeDefinition, handlers);
  return { client: host.client(ProbeDefinition), drain: () => host.drain(PATIENCE_MS), close: () => host.close() };
});
