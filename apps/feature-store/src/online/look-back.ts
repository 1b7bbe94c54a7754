import type { Feature } from '../feature-view.js';
import type { LatestRow, LatestValue } from './view-delta.js';

/** What a feature sees when it looks back, and the event that it is from. */
export interface Seen {
  readonly value: LatestValue;
  readonly event: number;
}

/** Looks back over the newest rows of a key, newest last, by the very rules of the offline side; `place` is that of the column among the values. Undefined where there is nothing so far back. */
export function lookBack({ aggregation, stepsBack = 0 }: Feature, rows: readonly LatestRow[], place: number): Seen | undefined {
  // A snapshot in JSON has null for what is missing.
  const valueOf = (row: LatestRow): LatestValue => row.values[place] ?? undefined;
  if (aggregation === 'LATEST_PRESENT') {
    const found = rows.findLast((row) => valueOf(row) !== undefined);
    return found && { value: valueOf(found), event: found.event };
  }
  // Of the rows of one event the last one stands for it.
  const steps = rows.filter(({ event }, i) => rows[i + 1]?.event !== event);
  const [newest, earlier] = [steps.at(-1), steps.at(-1 - stepsBack)];
  if (!newest || !earlier) return undefined;
  if (aggregation === 'PREVIOUS') return { value: valueOf(earlier), event: earlier.event };
  const [a, b] = [valueOf(newest), valueOf(earlier)];
  return { value: a === undefined || b === undefined ? undefined : Number(a) - Number(b), event: earlier.event };
}
