import { type SharedServers, useSharedServers } from '@millrace/testing';
import { afterAll } from 'vitest';
import { metricCurveSuite } from './metric-curve.suite.js';
import { RegistryHome } from './registry-home.fixture.js';

let servers: SharedServers | undefined;
afterAll(() => servers?.drop());

metricCurveSuite('in PostgreSQL', async () => {
  servers = await useSharedServers();
  Object.assign(process.env, servers.env);
  return RegistryHome.start(servers.env);
});
