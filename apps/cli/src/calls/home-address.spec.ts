import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { AppError } from '@millrace/core';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../terminal.fixture.js';
import { homeAddress } from './home-address.js';

let home: Home;
beforeAll(async () => {
  home = await startHome([
    standInService([
      standIn(RegistryServiceDefinition, {
        listModels: async () => ({ models: [{ name: 'models/late-flights', description: '', latestVersion: '', createTime: undefined, etag: '' }], nextPageToken: '' }),
        getModel: async ({ name }) => {
          throw new AppError('NOT_FOUND', 'registry.millrace', 'MODEL_NOT_FOUND', `${name} does not exist.`, { name });
        },
      }),
      standIn(PipelinesServiceDefinition, {
        getPipelineRun: async ({ name }) => {
          throw new AppError('NOT_FOUND', 'pipelines.millrace', 'RUN_NOT_FOUND', `${name} does not exist.`, { name });
        },
      }),
    ]),
  ]);
});
afterAll(() => home.close());

describe('the URL of a home', () => {
  it('names the gRPC port, with TLS or without', () => {
    expect(homeAddress('grpc://127.0.0.1:45301')).toEqual({ address: '127.0.0.1:45301', tls: false });
    expect(homeAddress('https://millrace.example')).toEqual({ address: 'millrace.example:4301', tls: true });
    expect(homeAddress('grpcs://[::1]:9/')).toEqual({ address: '[::1]:9', tls: true });
    for (const none of ['127.0.0.1:4301', 'ftp://a:1', 'http://a:1/v1', 'http://', 'cluster', '']) expect(homeAddress(none), none).toBeUndefined();
  });

  it.each(['grpc', 'http'])('is called at %s://…, and before what a variable says', async (scheme) => {
    const { code, out } = await run(`model list --home ${scheme}://${home.grpcAddress}`, { env: { MILLRACE_GRPC_ADDRESS: '127.0.0.1:1', MILLRACE_TLS_CA_FILE: '/nothing.pem' } });
    expect({ code, last: out.split('\n')[1] }).toEqual({ code: 0, last: 'late-flights' });
  });

  it.each([
    ['model list --home 127.0.0.1:4301', '"127.0.0.1:4301" is no URL of a home; write grpc://host:port'],
    ['model list --home grpc://a:1 --address a:1', '--home and --address both say where; give one of them.'],
    ['model list --home https://a:1', 'https://a:1 is called by TLS; say whom to trust with --tls-ca'],
    ['model list --home grpc://a:1 --tls-ca ca.pem', '--tls-ca calls by TLS, and grpc://a:1 is without; write grpcs:// or https://.'],
    ['demo --home nowhere', '--home nowhere is no home of the demo; give embedded'],
  ])('refuses `%s`', async (line, told) => expect(await run(line)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(told) as string }));
});

describe('a name that is not there', () => {
  it('is told with the one that was most likely meant', async () => {
    const at = `--home grpc://${home.grpcAddress}`;
    expect(await run(`model show late-fligths ${at}`)).toEqual({ code: 2, out: '', err: 'Error: models/late-fligths does not exist. Did you mean "late-flights"?\n' });
    expect(JSON.parse((await run(`model show lateflights --json ${at}`)).out)).toMatchObject({ error: { code: 'NOT_FOUND', reason: 'MODEL_NOT_FOUND', metadata: { name: 'models/lateflights', did_you_mean: 'late-flights' } } });
    expect((await run(`model show zebra ${at}`)).err).toBe('Error: models/zebra does not exist.\n');
    expect((await run(`run show late ${at}`)).err).toBe('Error: pipelineRuns/late does not exist.\n');
  });
});
