import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { InferenceTables } from './migrations.js';
import { add, NO_TRAFFIC, type Traffic } from './traffic.js';

/** What one instance has counted for one version in one window. */
export interface CountedTraffic {
  readonly endpoint: string;
  /** When the window begins, in ms. */
  readonly windowMs: number;
  readonly modelVersion: string;
  readonly traffic: Traffic;
}

/** One window of an endpoint, of all instances together. */
export interface TrafficWindow {
  readonly endpoint: string;
  readonly windowMs: number;
  /** By model version, in the order of their names. */
  readonly versions: readonly (readonly [string, Traffic])[];
  readonly updateTime: Date;
}

/** Where the traffic of endpoints is kept: each instance has its own rows, which only it writes. */
export class TrafficStore {
  constructor(
    private readonly store: Store<InferenceTables>,
    private readonly instance: string,
  ) {}

  /** Keeps what this instance has counted, in place of what it had counted before. */
  async put(rows: readonly CountedTraffic[], now: Date): Promise<void> {
    await this.store.write(async (tx) => {
      for (const { endpoint, windowMs, modelVersion, traffic } of rows) {
        const changed = { update_time: now, body: canonicalJson(traffic) };
        await tx
          .insertInto('endpoint_traffic')
          .values({ endpoint, window_time: new Date(windowMs), model_version: modelVersion, instance: this.instance, ...changed })
          .onConflict((conflict) => conflict.columns(['endpoint', 'window_time', 'model_version', 'instance']).doUpdateSet(changed))
          .execute();
      }
    });
  }

  /** Windows of an endpoint that changed at that time or later, oldest first, whole. */
  async changedSince(endpoint: string, time: Date): Promise<readonly TrafficWindow[]> {
    const changed = this.store.db.selectFrom('endpoint_traffic').select('window_time').where('endpoint', '=', endpoint).where('update_time', '>=', time);
    const rows = await this.store.db.selectFrom('endpoint_traffic').selectAll().where('endpoint', '=', endpoint).where('window_time', 'in', changed).orderBy('window_time').orderBy('model_version').execute();
    return [...Map.groupBy(rows, ({ window_time }) => window_time.getTime())].map(([windowMs, parts]) => ({
      endpoint,
      windowMs,
      versions: [...Map.groupBy(parts, ({ model_version }) => model_version)].map(([version, counted]) => [version, counted.map(({ body }): Traffic => ({ ...NO_TRAFFIC, ...(parseCanonicalJson(body) as Traffic) })).reduce(add, NO_TRAFFIC)] as const),
      updateTime: new Date(Math.max(...parts.map(({ update_time }) => update_time.getTime()))),
    }));
  }

  async forgetBefore(time: Date): Promise<number> {
    const [result] = await this.store.db.deleteFrom('endpoint_traffic').where('window_time', '<', time).execute();
    return Number(result?.numDeletedRows ?? 0n);
  }
}
