import type { Definition, Handlers } from '@millrace/rpc';
import { type AnyService, defineService, GrpcController } from '@millrace/service';
import { z } from 'zod';

/** A contract with answers to what a story needs of it. */
export interface StandIn {
  readonly definition: Definition;
  readonly controller: new () => object;
}

/** Answers only these calls of a contract; any other fails and says so. */
export function standIn<D extends Definition>(definition: D, handlers: Partial<Handlers<D>>): StandIn {
  class Controller {}
  for (const key of Object.keys(definition.methods)) {
    const answer: unknown = handlers[key as keyof Handlers<D>] ?? (() => Promise.reject(new Error(`The stand-in of ${definition.name} has no answer to ${key}.`)));
    Object.defineProperty(Controller.prototype, key, { value: answer });
  }
  GrpcController(definition)(Controller);
  return { definition, controller: Controller };
}

/** All that a service under test calls, as one service beside it. */
export function standInService(parts: readonly StandIn[]): AnyService {
  class StandInModule {}
  return defineService({ name: 'stand-ins', config: z.object({}), serves: parts.map(({ definition }) => definition), migrations: {}, module: () => ({ module: StandInModule, controllers: parts.map(({ controller }) => controller) }) });
}
