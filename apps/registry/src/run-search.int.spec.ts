import { type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll } from 'vitest';
import { RegistryHome } from './registry-home.fixture.js';
import { runSearchSuite } from './run-search.suite.js';

let servers: SharedServers | undefined;
afterAll(() => servers?.drop());

runSearchSuite('in PostgreSQL', async () => {
  servers = await useSharedServers();
  Object.assign(process.env, servers.env);
  return RegistryHome.start(servers.env);
});
