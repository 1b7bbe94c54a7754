import type { ServiceContext } from '@millrace/service';
import type { FastifyInstance } from 'fastify';
import { bindingsOf } from './binding.js';
import { PUBLIC_SERVICES, registryOf } from './contracts.js';
import { errors } from './errors.js';
import { EventStreams } from './event-streams.js';
import { MessageJson } from './json/message-json.js';
import { type Methods, Transcoder } from './transcoder.js';

/** Adds a route for every annotation of the public services. */
export function routes(http: FastifyInstance, { image, client }: ServiceContext<unknown, object>): void {
  if (!image) throw errors.DESCRIPTORS_MISSING({});
  const registry = registryOf(image);
  const streams = new EventStreams();
  const transcoder = new Transcoder({ json: new MessageJson(registry), streams });
  void http.register(async (scope) => {
    scope.removeContentTypeParser('text/plain');
    scope.addHook('preClose', async () => streams.close());
    for (const definition of PUBLIC_SERVICES) {
      const methods = client(definition) as unknown as Methods;
      for (const binding of bindingsOf(registry, definition.fullName)) transcoder.add(scope, binding, { definition, client: methods });
    }
  });
}
