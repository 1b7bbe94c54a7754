import { applyDecorators, Controller, SetMetadata } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { Definition, Handlers } from '@millrace/rpc';
import { errors } from './errors.js';

const SERVES = Symbol('millrace:serves');

/** Marks the controller that implements a service of the contracts; `implements Handlers<typeof Definition>` makes the compiler ask for every RPC. */
export const GrpcController = (definition: Definition): ClassDecorator => applyDecorators(Controller(), SetMetadata(SERVES, definition));

/** The controller instance that serves `definition` in a Nest application. */
export function controllerOf<D extends Definition>(app: INestApplicationContext, definition: D, service: string): Handlers<D> {
  for (const module of app.get(ModulesContainer).values()) {
    for (const { instance, metatype } of module.controllers.values()) {
      if (metatype && Reflect.getMetadata(SERVES, metatype) === definition) return instance as Handlers<D>;
    }
  }
  throw errors.CONTROLLER_MISSING({ service, definition: definition.fullName });
}
