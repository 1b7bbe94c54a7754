import type { Store } from '@millrace/store';
import type { Kysely } from 'kysely';

export interface EndpointUseTables {
  endpoint_use: { endpoint: string; service: string; revision: bigint };
}

/** What an endpoint has told of itself. */
export interface EndpointUse {
  readonly endpoint: string;
  /** The feature service that it serves with; empty when it serves with none. */
  readonly service: string;
  /** Counts the changes of the endpoint. */
  readonly revision: bigint;
}

const CONSUMER = 'feature-store-endpoints';

/** Where it is kept which endpoints serve with which feature services, as their events tell it. */
export class EndpointUseStore {
  constructor(private readonly store: Store<EndpointUseTables>) {}

  /** Keeps what one event tells, once; what is older than what is known says nothing. */
  async hear(eventId: string, { endpoint, service, revision }: EndpointUse): Promise<void> {
    await this.store.once(CONSUMER, eventId, async (tx) => {
      await tx
        .insertInto('endpoint_use')
        .values({ endpoint, service, revision })
        .onConflict((conflict) => conflict.column('endpoint').doUpdateSet({ service, revision }).where('endpoint_use.revision', '<', revision))
        .execute();
    });
  }

  /** The endpoints that serve with each service. */
  async endpointsOf(services: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return services.length === 0 ? new Map() : endpointsIn(this.store.db, services);
  }
}

/** The endpoints of some services, as a transaction sees them. */
export async function endpointsIn(db: Kysely<EndpointUseTables>, services: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db.selectFrom('endpoint_use').select(['service', 'endpoint']).where('service', 'in', services).orderBy('endpoint').execute();
  return new Map(services.map((service) => [service, rows.filter((row) => row.service === service).map(({ endpoint }) => endpoint)]));
}
