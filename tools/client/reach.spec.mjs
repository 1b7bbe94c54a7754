import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@millrace/client';
import { AppError } from '@millrace/core';
import { gatewayService } from '@millrace/gateway';
import { sendError } from '@millrace/service';
import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nounsOf } from './nouns.mjs';
import { routedRpcs } from './routes.mjs';

const image = readFileSync(new URL('../../libs/contracts/dist/image.binpb', import.meta.url));
const nouns = nounsOf(routedRpcs(createFileRegistry(fromBinary(FileDescriptorSetSchema, image))));
const ways = Array.from(nouns).flatMap(([noun, verbs]) => Array.from(verbs).flatMap(([verb, { rpc, at }]) => at.map((each) => ({ name: `${noun}.${verb}`, noun, verb, rpc, at: each }))));

/** A client of the gateway whose every method refuses by saying its own name: what was reached is what the error says. */
const named = ({ fullName, methods }) =>
  Object.fromEntries(
    Object.entries(methods).map(([key, { name, responseStream }]) => {
      const refusal = new AppError('INVALID_ARGUMENT', fullName, name, 'reached');
      return [key, responseStream ? () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refusal) }) }) : () => Promise.reject(refusal)];
    }),
  );

/** The least that a template asks for. */
function requestFor(template) {
  const request = {};
  for (const [, field, pattern = '*'] of template.matchAll(/\{([\w.]+)(?:=([^}]*))?\}/g)) {
    const names = field.split('.');
    let target = request;
    for (const name of names.slice(0, -1)) target = target[name] ??= {};
    target[names.at(-1)] = pattern.replace('**', 'models/x').replaceAll('*', 'x');
  }
  return request;
}

let http;
let client;
beforeAll(async () => {
  http = fastify();
  http.setErrorHandler((error, _, reply) => (error instanceof AppError ? sendError(reply, error) : reply.code(error.statusCode ?? 500).send(error.message)));
  gatewayService.routes(http, undefined, { image, client: named, config: {} });
  client = createClient({ baseUrl: await http.listen({ port: 0, host: '127.0.0.1' }) });
});
afterAll(() => http.close());

it('is about every call of the client', () => {
  expect(new Set(ways.map(({ name }) => name))).toEqual(new Set(Object.entries(client).flatMap(([noun, verbs]) => Object.keys(verbs).map((verb) => `${noun}.${verb}`))));
});

it.each(ways.map((way) => [way.name, way.at, way]))('%s reaches its RPC at %s', async (_, at, { noun, verb, rpc }) => {
  const request = requestFor(at);
  const takesStream = rpc.methodKind === 'client_streaming' || rpc.methodKind === 'bidi_streaming';
  const answer = client[noun][verb](takesStream ? [request] : request);
  const first = Symbol.asyncIterator in answer ? answer[Symbol.asyncIterator]().next() : answer;
  await expect(first).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', domain: rpc.parent.typeName, reason: rpc.name, status: 400 });
});
