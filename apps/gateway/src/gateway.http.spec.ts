import { readFileSync } from 'node:fs';
import { AppError } from '@millrace/core';
import type { Client, Definition } from '@millrace/rpc';
import { sendError } from '@millrace/service';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Binding, bindingsOf } from './binding.js';
import { NOT_PUBLIC, PUBLIC_SERVICES } from './contracts.js';
import { routes } from './gateway.http.js';
import { registry } from './json/messages.fixture.js';
import { pathOf } from './path-template.js';

const image = readFileSync(new URL('../../../libs/contracts/dist/image.binpb', import.meta.url));

/** A client whose every method refuses by saying its own name: what was called is what the answer says. */
const named = <D extends Definition>({ fullName, methods }: D): Client<D> =>
  Object.fromEntries(
    Object.entries(methods).map(([key, { name, responseStream }]) => {
      const refusal = new AppError('INVALID_ARGUMENT', fullName, name, 'called');
      const refused = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refusal) }) };
      return [key, responseStream ? () => refused : () => Promise.reject(refusal)];
    }),
  ) as unknown as Client<D>;

const declared = Array.from(registry).filter((desc) => desc.kind === 'service' && desc.typeName.startsWith('millrace.'));
const bindings = PUBLIC_SERVICES.flatMap(({ fullName }) => bindingsOf(registry, fullName));

let http: FastifyInstance;
beforeAll(async () => {
  http = fastify();
  http.setErrorHandler<FastifyError>((error, _, reply) => (error instanceof AppError ? sendError(reply, error) : reply.code(error.statusCode ?? 500).send(error.message)));
  routes(http, { image, client: named });
  await http.ready();
});
afterAll(() => http.close());

const urlOf = ({ template }: Binding): string => pathOf(template, () => 'x').replaceAll(/[{}]/g, '');
const ask = (verb: Binding['verb'], url: string, body?: unknown) => http.inject({ method: verb, url, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) }) });

it('says of every service of the contracts that it is public, or why not', () => {
  expect(declared.length).toBeGreaterThan(0);
  expect([...PUBLIC_SERVICES.map(({ fullName }) => fullName), ...Object.keys(NOT_PUBLIC)].sort()).toEqual(declared.map(({ typeName }) => typeName).sort());
  for (const why of Object.values(NOT_PUBLIC)) expect(why).toMatch(/^\w.*\w$/);
});

it('has a path for every RPC of every public service, and none for others', () => {
  const reached = new Set(bindings.map(({ rpc }) => `${rpc.parent.typeName}/${rpc.name}`));
  const all = declared.flatMap((service) => (service.kind === 'service' ? service.methods.map((rpc) => `${service.typeName}/${rpc.name}`) : []));
  expect(all.filter((rpc) => !reached.has(rpc) && NOT_PUBLIC[rpc.split('/')[0] ?? ''] === undefined)).toEqual([]);
  for (const service of Object.keys(NOT_PUBLIC)) expect(bindingsOf(registry, service)).toEqual([]);
});

describe.each(bindings.map((binding) => [`${binding.verb} ${urlOf(binding)}`, binding] as const))('%s', (_, binding) => {
  const { rpc, verb } = binding;
  const streams = rpc.methodKind === 'client_streaming' || rpc.methodKind === 'bidi_streaming';

  it(`calls ${rpc.name}`, async () => {
    const answer = await ask(verb, urlOf(binding), binding.body === undefined ? undefined : streams ? [] : {});
    expect(answer.json()).toMatchObject({ error: { details: [{ domain: rpc.parent.typeName, reason: rpc.name }] } });
  });

  it('names a parameter that it does not know', async () => {
    const answer = await ask(verb, `${urlOf(binding)}?colour=red`, binding.body === undefined ? undefined : streams ? [] : {});
    expect(answer.json()).toMatchObject({ error: { code: 400, details: [{ reason: 'FIELD_INVALID', metadata: { field: 'colour' } }] } });
  });
});

it('says what may be done at a path where something else was tried', async () => {
  const answer = await ask('DELETE', '/v1/models/x');
  expect(answer.statusCode).toBe(405);
  expect(answer.headers['allow']).toBe('GET, HEAD');
  expect(answer.json()).toEqual({ error: { code: 405, status: 'INVALID_ARGUMENT', message: 'DELETE is not for this path; it takes GET, HEAD.', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'gateway.millrace', reason: 'METHOD_NOT_ALLOWED', metadata: { method: 'DELETE', allow: 'GET, HEAD' } }] } });
});

it('says that there is nothing where no call has a path, and where the calls are listed', async () => {
  for (const url of ['/v1/nothing', '/v1/models/x/nothing', '/v1/models/']) {
    const answer = await ask('GET', `${url}?secret=1`);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND', message: `There is nothing at GET ${url}; /docs lists every call with its method and path.`, details: [{ domain: 'gateway.millrace', reason: 'PATH_UNKNOWN', metadata: { method: 'GET', path: url } }] } });
  }
});

it('takes JSON alone, so that no form of a page from elsewhere is taken', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) expect((await http.inject({ method: 'POST', url: '/v1/models', headers: { 'content-type': type }, payload: '{}' })).statusCode).toBe(415);
});
