import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { healthOf, reflectionOf } from '@millrace/e2e';
import { fromStatus } from '@millrace/rpc';
import { expect } from 'vitest';
import { CONTRACTS } from '../completeness/contracts.js';
import { DEAD_LETTER_TOPICS } from '../home/event-tap.js';
import { SERVICES } from '../home/home.js';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

const LONGEST_MS = 10_000;

/** What every service does beside its own work. */
export const platformCases = cases({
  'every service says that it serves': async ({ addresses }) => {
    for (const name of SERVICES) for (const service of ['', CONTRACTS[name].fullName]) expect({ name, service, status: await healthOf(addresses[name], service) }).toEqual({ name, service, status: 'SERVING' });
  },
  'every service describes itself to a stranger': async ({ addresses }) => {
    for (const name of SERVICES) expect(await reflectionOf(addresses[name]).listServices()).toContain(CONTRACTS[name].fullName);
  },
  'a process tells of its health and its figures over HTTP': async ({ httpAddress }) => {
    for (const [path, says] of [['/healthz', /./], ['/readyz', /./], ['/metrics', /^millrace_\w+/m]] as const) {
      const response = await fetch(`${httpAddress}${path}`);
      expect({ path, status: response.status, text: await response.text() }).toEqual({ path, status: 200, text: expect.stringMatching(says) });
    }
    expect((await fetch(`${httpAddress}/nothing`)).status).toBe(404);
  },
  'a body that is no UTF-8 is refused': async ({ post }) => {
    expect(await post('/v1/endpoints/late:predict', new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, body: { error: { details: [{ reason: 'BODY_NOT_UTF8' }] } } });
  },
  'a call that is over before it is answered says so': async ({ registry }) => {
    expect(await refusalOf(registry.listModels({}, { deadlineMs: 0 }))).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const gone = new AbortController();
    gone.abort();
    expect(await refusalOf(registry.listModels({}, { signal: gone.signal }))).toMatchObject({ code: 'CANCELLED' });
  },
  'a request that is no message of its contract is refused': async ({ addresses }) => {
    const pass = (bytes: Buffer): Buffer => bytes;
    const Stranger = makeGenericClientConstructor({ get: { path: `/${CONTRACTS.registry.fullName}/GetModel`, requestStream: false, responseStream: false, requestSerialize: pass, requestDeserialize: pass, responseSerialize: pass, responseDeserialize: pass } }, 'Stranger');
    const client = new Stranger(addresses.registry, credentials.createInsecure());
    const half = Buffer.from(new BinaryWriter().uint32(10).uint32(99).finish());
    type Get = (request: Buffer, options: { deadline: number }, done: (error: ServiceError | null) => void) => void;
    const refused = await new Promise<ServiceError | null>((resolve) => (client['get'] as unknown as Get).call(client, half, { deadline: Date.now() + LONGEST_MS }, resolve));
    client.close();
    expect(fromStatus(refused)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  },
  'nothing that was published became a dead letter': async ({ events }) => {
    expect(events.records.filter(({ topic }) => DEAD_LETTER_TOPICS.includes(topic)).map(({ headers }) => headers)).toEqual([]);
  },
});
