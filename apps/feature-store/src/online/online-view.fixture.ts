import { expect } from 'vitest';
import type { FeatureView } from '../feature-view.js';
import type { HistoryRow } from '../offline/history.fixture.js';

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A row that is known as soon as it is true. */
export const row = (event: number, amount: number | undefined, more: Partial<HistoryRow> = {}): HistoryRow => ({ key: 'a', place: 1n, event, landed: event, amount, count: 1n, flag: true, label: 'x', wait: 0, seen: 0, ...more });

let views = 0;
/** A view of its own over the histories. */
export const viewOf = (change: Partial<FeatureView> = {}): FeatureView => ({
  view: `own-${++views}`,
  description: '',
  entity: 'thing',
  dataset: 'histories',
  keyColumns: ['key'],
  joinKeys: ['key'],
  eventTime: 'event',
  knowledge: { column: 'landed', delay: 0, terms: [] },
  ttl: 0,
  tile: MINUTE,
  derived: [],
  features: [
    { name: 'rows', column: '', aggregation: 'COUNT', window: 10 * MINUTE },
    { name: 'sum', column: 'amount', aggregation: 'SUM', window: 10 * MINUTE },
    { name: 'latest', column: 'amount', aggregation: 'LATEST', window: 0 },
  ],
  ...change,
});
/** Without an event time that of any row will do: which one it is, the suite asks of every history. */
export const PRESENT = (value: bigint | number, eventTime: number = expect.any(Number)) => ({ value, status: 'PRESENT', eventTime });
export const NOT_FOUND = { value: undefined, status: 'NOT_FOUND', eventTime: undefined };
export const EXPIRED = (eventTime: number) => ({ value: undefined, status: 'EXPIRED', eventTime });
