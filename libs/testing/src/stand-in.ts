import type { Definition, Handlers } from '@millrace/rpc';
import { type AnyService, defineService, GrpcController } from '@millrace/service';
import { z } from 'zod';

/** A service of the contracts that answers only what a story needs; any other call fails and says so. */
export function standIn<D extends Definition>(definition: D, handlers: Partial<Handlers<D>>): AnyService {
  class StandIn {}
  for (const key of Object.keys(definition.methods)) {
    const answer: unknown = handlers[key as keyof Handlers<D>] ?? (() => Promise.reject(new Error(`The stand-in of ${definition.name} has no answer to ${key}.`)));
    Object.defineProperty(StandIn.prototype, key, { value: answer });
  }
  GrpcController(definition)(StandIn);
  class StandInModule {}
  return defineService({ name: `stand-in-${definition.name.toLowerCase()}`, config: z.object({}), serves: [definition], migrations: {}, module: () => ({ module: StandInModule, controllers: [StandIn] }) });
}
