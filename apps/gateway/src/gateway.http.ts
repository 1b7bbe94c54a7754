import { readFileSync } from 'node:fs';
import { addJsonParser, sendError, type ServiceContext } from '@millrace/service';
import type { FastifyInstance } from 'fastify';
import { type Binding, bindingsOf, type Verb } from './binding.js';
import { compressAnswers } from './compression.js';
import { PUBLIC_SERVICES, registryOf, silentRegistryOf } from './contracts.js';
import { errors } from './errors.js';
import { EventStreams, type StreamLimits } from './event-streams.js';
import { MessageJson } from './json/message-json.js';
import { type OpenApi, openApi } from './openapi/document.js';
import { serveOpenApi } from './openapi/openapi.http.js';
import { servePage } from './page.js';
import { patternOf, routeOf } from './path-template.js';
import { letGoOfSlowReaders } from './slow-readers.js';
import { type Methods, Transcoder } from './transcoder.js';

/** The version of the product, as every package of it has it. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };

const VERBS: readonly Verb[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'];

/** Adds a route for every annotation of the public services. */
export function routes(http: FastifyInstance, { image, client }: Pick<ServiceContext<unknown, object>, 'image' | 'client'>, limits: Partial<StreamLimits> = {}): void {
  if (!image) throw errors.DESCRIPTORS_MISSING({});
  const registry = silentRegistryOf(image);
  // What is missing is told here, before anything listens.
  const served = PUBLIC_SERVICES.map((definition) => ({ definition, client: client(definition) as unknown as Methods, bindings: bindingsOf(registry, definition.fullName) }));
  const bindings = served.flatMap((service) => service.bindings);
  const streams = new EventStreams(limits);
  const transcoder = new Transcoder({ json: new MessageJson(registry), streams });
  void http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    addJsonParser(scope, { mayBeEmpty: true });
    compressAnswers(scope);
    letGoOfSlowReaders(scope);
    scope.addHook('preClose', async () => streams.close());
    const wired = served.flatMap((service) => service.bindings.map((binding) => ({ binding, service })));
    for (const { binding, service } of wired) if (!binding.raw) transcoder.add(scope, binding, service);
    takeBodiesAsTheyCome(scope, (plain) => {
      // Who serves it in this very process answers without us.
      for (const { binding, service } of wired) if (binding.raw && !http.hasRoute({ method: binding.verb, url: routeOf(binding.template) })) transcoder.add(plain, binding, service);
    });
    serveOpenApi(scope, () => describe(image));
    refuseOthers(scope, bindings);
    servePage(scope);
  });
}

/** Routes whose bodies are for nobody here to look into. */
function takeBodiesAsTheyCome(http: FastifyInstance, add: (http: FastifyInstance) => void): void {
  void http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, bytes, done) => done(null, bytes));
    add(scope);
  });
}

/** The document, from descriptors with their comments: they are read when somebody asks, and let go again. */
function describe(image: Uint8Array): OpenApi {
  const registry = registryOf(image);
  return openApi(registry, PUBLIC_SERVICES.flatMap(({ fullName }) => bindingsOf(registry, fullName)), version);
}

/** Says what may be done at a path where something else was tried; it is looked for only then. */
function refuseOthers(http: FastifyInstance, bindings: readonly Binding[]): void {
  const known = bindings.map(({ verb, template }) => ({ verb, pattern: patternOf(template) }));
  http.route({
    method: [...VERBS],
    url: '/v1/*',
    handler: async (request, reply) => {
      const [path = ''] = request.url.split('?');
      const verbs = new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ verb }) => verb));
      if (verbs.size === 0) return sendError(reply, errors.PATH_UNKNOWN({ method: request.method, path }));
      const allow = [...verbs, ...(verbs.has('GET') ? ['HEAD'] : [])].join(', ');
      return sendError(reply.header('allow', allow), errors.METHOD_NOT_ALLOWED({ method: request.method, allow }), 405);
    },
  });
}
