import { brokerRows } from './rows-brokers.mjs';
import { postgresRows } from './rows-postgres.mjs';
import { serviceRows } from './rows-services.mjs';

/** The faults of docs/chaos.md, by name, in the order of its table. */
export const ROWS = { ...serviceRows, ...brokerRows, ...postgresRows };
