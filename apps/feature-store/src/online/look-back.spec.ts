import { describe, expect, it } from 'vitest';
import type { Feature } from '../feature-view.js';
import { EntityState } from './entity-state.js';
import { lookBack } from './look-back.js';
import { type LatestRow, MAX_LATEST } from './view-delta.js';

const row = (known: number, event: number, value?: number): LatestRow => ({ key: '', known, event, values: [value] });
const of = (aggregation: Feature['aggregation'], stepsBack = 0): Feature => ({ name: 'f', column: 'x', aggregation, window: 0, ...(stepsBack > 0 && { stepsBack }) });

describe('looking back', () => {
  const rows = [row(1, 1, 10), row(2, 2, 20), row(3, 2, 21), row(4, 3)];

  it('fills forward what is missing, with the event that it is from', () => {
    expect(lookBack(of('LATEST_PRESENT'), rows, 0)).toEqual({ value: 21, event: 2 });
    expect(lookBack(of('LATEST_PRESENT'), [row(1, 1)], 0)).toBeUndefined();
  });

  it('counts a correction and what it corrects as one step', () => {
    expect(lookBack(of('PREVIOUS', 1), rows, 0)).toEqual({ value: 21, event: 2 });
    expect(lookBack(of('PREVIOUS', 2), rows, 0)).toEqual({ value: 10, event: 1 });
    expect(lookBack(of('PREVIOUS', 3), rows, 0)).toBeUndefined();
    expect(lookBack(of('DIFFERENCE', 1), rows.slice(0, 3), 0)).toEqual({ value: 11, event: 1 });
    expect(lookBack(of('DIFFERENCE', 1), rows, 0), 'the newest one is missing').toEqual({ value: undefined, event: 2 });
  });

  it('sees nothing that is known later, and does not guess where rows are no longer held', () => {
    const state = new EntityState();
    for (let i = 0; i < MAX_LATEST; i++) state.addLatest(row(i, i, i));
    expect(state.newestAt(40, 3)?.map(({ known }) => known)).toEqual([38, 39, 40]);
    expect(state.newestAt(1, 3), 'others may have been let go').toBeUndefined();
    const few = new EntityState();
    few.addLatest(row(5, 5, 5));
    expect([few.newestAt(4, 3), few.newestAt(5, 3)?.length]).toEqual([[], 1]);
  });
});
