import { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { describe, expect, it } from 'vitest';
import { draftSplit } from './split.js';

const DAY = 86_400_000_000;
const HOUR = DAY / 24;
const times = (...quantiles: readonly number[]) => ColumnProfile.fromPartial({ min: quantiles[0] ?? 0, max: quantiles.at(-1) ?? 0, quantiles: [...quantiles] });

describe('the split of a first pipeline', () => {
  it('lets the newest quarter of the rows judge, however they lie in time', () => {
    expect(draftSplit(times(0, 5 * DAY, 25 * DAY, 50 * DAY, 75 * DAY, 95 * DAY, 100 * DAY))).toEqual({ by: 'time', evaluate: '25d', train: '76d', window: '7d' });
    expect(draftSplit(times(0, DAY, 10 * DAY, 80 * DAY, 90 * DAY, 99 * DAY, 100 * DAY)), 'most rows are new').toMatchObject({ evaluate: '10d', train: '91d' });
  });

  it('counts in hours where days are too few', () => {
    expect(draftSplit(times(0, HOUR, 10 * HOUR, 20 * HOUR, 30 * HOUR, 38 * HOUR, 40 * HOUR))).toEqual({ by: 'time', evaluate: '10h', train: '31h', window: '1d' });
  });

  it('is drawn where all rows, or the newest quarter, are of one time', () => {
    for (const none of [undefined, times(5, 5, 5, 5, 5, 5, 5), times(0, DAY, DAY, 9 * DAY, 9 * DAY, 9 * DAY, 9 * DAY)]) expect(draftSplit(none)).toEqual({ by: 'random', window: '7d' });
  });
});
