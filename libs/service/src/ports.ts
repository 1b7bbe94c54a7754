import { join, resolve } from 'node:path';
import { type BusHooks, type EventBus, openBus, openKafkaBus } from '@millrace/events';
import { type ObjectsPlace, type ObjectStore, openObjects } from '@millrace/objects';
import { type Migrations, openStore, type Store } from '@millrace/store';
import type { HomeConfig } from './config.js';
import { type RedisAddress, redisAddress } from './redis-address.js';
import type { Security } from './security.js';

/** A Redis, and below which keys. */
export interface RedisPlace extends RedisAddress {
  /** In front of every key. */
  readonly prefix: string;
}

/** What a process of services keeps things in: files of its data directory, or the servers that its environment names. */
export class Ports {
  constructor(
    private readonly home: HomeConfig,
    private readonly dataDir: string,
    private readonly options: { readonly id: string; readonly clock: () => Date; readonly security: Security },
  ) {}

  openBus(hooks: BusHooks): Promise<EventBus> {
    const { MILLRACE_KAFKA_BROKERS: brokers, MILLRACE_KAFKA_PREFIX: prefix, MILLRACE_KAFKA_REPLICATION: replication } = this.home;
    if (brokers === undefined) return openBus({ file: join(this.dataDir, 'events.sqlite'), ...hooks });
    return openKafkaBus({ brokers: brokers.split(','), ...this.options.security.kafka, ...(prefix === '' ? {} : { prefix }), ...(replication === undefined ? {} : { topic: { replication } }), ...hooks });
  }

  /** Where others find the events; nothing where they stay in a file. */
  get kafka(): { readonly brokers?: readonly string[]; readonly prefix?: string } {
    const { MILLRACE_KAFKA_BROKERS: brokers, MILLRACE_KAFKA_PREFIX: prefix } = this.home;
    return brokers === undefined ? {} : { brokers: brokers.split(','), prefix };
  }

  openObjects(): Promise<ObjectStore> {
    return openObjects(this.#objectsPlace);
  }

  /** The store of one service. */
  openStore(service: string, migrations: Migrations): Promise<Store<never>> {
    const { MILLRACE_DATABASE_URL: url, MILLRACE_LEASE_SECONDS: seconds } = this.home;
    const leases = { owner: this.options.id, clock: this.options.clock, lastsMs: seconds * 1_000 };
    if (url === undefined) return openStore<never>({ file: join(this.dataDir, service, 'store.sqlite'), migrations, leases });
    return openStore<never>({ postgres: { url, ...this.options.security.database, schema: `millrace_${service.replaceAll('-', '_')}` }, migrations, leases });
  }

  /** Where online features are; undefined means in the store. */
  get redis(): RedisPlace | undefined {
    const { MILLRACE_REDIS_URL: url, MILLRACE_REDIS_PREFIX: prefix } = this.home;
    return url === undefined ? undefined : { ...redisAddress(url, this.options.security.redis), prefix };
  }

  get #objectsPlace(): ObjectsPlace {
    const { MILLRACE_S3_BUCKET: bucket, MILLRACE_S3_ENDPOINT: endpoint, MILLRACE_S3_PREFIX: prefix, MILLRACE_S3_CA_FILE: caFile, AWS_REGION: region } = this.home;
    const directory = join(this.dataDir, 'objects');
    return bucket === undefined ? { directory } : { bucket: { bucket, region, prefix, ...(endpoint === undefined ? {} : { endpoint }), ...(caFile === undefined ? {} : { caFile: resolve(caFile) }) }, cacheDirectory: directory };
  }
}
