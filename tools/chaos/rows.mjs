import { brokerRows } from './rows-brokers.mjs';
import { eventRows } from './rows-events.mjs';
import { networkRows } from './rows-network.mjs';
import { objectRows } from './rows-objects.mjs';
import { postgresRows } from './rows-postgres.mjs';
import { redisRows } from './rows-redis.mjs';
import { serviceRows } from './rows-services.mjs';

/** The faults of docs/chaos.md, by name, in the order of its table. */
export const ROWS = { ...serviceRows, ...brokerRows, ...postgresRows, ...redisRows, ...objectRows, ...networkRows, ...eventRows };

/** What CI plays within a story: each of these once, in turn. */
const MIXED = ['kill-service', 'postgres-cut', 'net-reset', 's3-errors', 'poison-event', 'postgres-restart'];

/** A row that strikes in another way at each round, on one set of servers. */
export function mixedRow() {
  let turn = 0;
  return {
    fault: `${MIXED.join(', ')} in turn`,
    holds: 'what each of them asks for',
    needs: { proxied: true },
    recoverMs: 60_000,
    rounds: MIXED.length,
    async strike(context) {
      const name = MIXED[turn++ % MIXED.length];
      const { told, ...strike } = await ROWS[name].strike(context);
      return { told: `${name}: ${told}`, ...strike };
    },
  };
}
