import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import type { EventBus, EventRoute } from '@millrace/events';
import type { JobRunner } from '@millrace/jobs';
import type { ObjectStore } from '@millrace/objects';
import type { Client, Definition } from '@millrace/rpc';
import type { Migrations, Store } from '@millrace/store';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { ArchiveDeclaration } from './archive/archived-tables.js';
import type { Chore } from './chores.js';
import type { RedisPlace } from './ports.js';

/** What a service is handed: all it may know of its home. */
export interface ServiceContext<Config, Tables> {
  readonly name: string;
  readonly config: Config;
  readonly store: Store<Tables>;
  readonly bus: EventBus;
  readonly objects: ObjectStore;
  readonly jobs: JobRunner;
  /** Where the environment names a Redis. */
  readonly redis: RedisPlace | undefined;
  /** A client of another service, wherever that runs. */
  readonly client: <D extends Definition>(definition: D) => Client<D>;
  readonly log: Logger;
  /** A directory of this service alone. */
  readonly dataDir: string;
  readonly metrics: Registry;
  /** The descriptors of all contracts, where the build made them. */
  readonly image: Uint8Array | undefined;
  readonly clock: () => Date;
}

/** Events that a service reads as one consumer group. */
export interface EventGroup {
  readonly group: string;
  readonly routes: readonly EventRoute[];
}

/** One service: what it serves, keeps and does; how a process lives is not its business. */
export interface ServiceDefinition<Config extends z.ZodType, Tables> {
  readonly name: string;
  readonly config: Config;
  readonly serves: readonly Definition[];
  readonly migrations: Migrations;
  /** What of its tables goes to another home; without it none does. */
  readonly archive?: ArchiveDeclaration;
  readonly module: (context: ServiceContext<z.infer<Config>, Tables>) => DynamicModule | Promise<DynamicModule>;
  readonly subscriptions?: (app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => readonly EventGroup[];
  /** HTTP that this service answers by itself. */
  readonly routes?: (http: FastifyInstance, app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => void;
  /** Takes up what was imported from another home, while calls are served. */
  readonly imported?: (app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => Promise<void>;
  /** Takes up what the last process left; calls are served already, health says not yet. */
  readonly start?: (app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => Promise<void>;
  /** Why this service cannot do its work just now; undefined when it can. Readiness tells it, and calls go on being served. */
  readonly fault?: (app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => string | undefined;
  /** What keeps its tables from growing for ever: done once a day. */
  readonly chores?: (app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => readonly Chore[];
  /** Ends what runs on its own; calls and events have ended before. */
  readonly stop?: (app: INestApplicationContext, context: ServiceContext<z.infer<Config>, Tables>) => Promise<void>;
}

/** A service in a list of services, each with its own configuration and tables. */
export type AnyService = ServiceDefinition<z.ZodType, never>;

/** Declares a service; its types are checked here and forgotten in lists. */
export const defineService = <Config extends z.ZodType, Tables>(definition: ServiceDefinition<Config, Tables>): AnyService => definition as unknown as AnyService;
