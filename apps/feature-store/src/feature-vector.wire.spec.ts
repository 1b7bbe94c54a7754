import { FeatureVector } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { expect, it } from 'vitest';
import { toVector } from './feature-vector.wire.js';
import { NOT_FOUND } from './online/view-answers.js';

const HOUR = 3_600_000_000;

it('sends each event time once, and which of them a value has', () => {
  const vector = toVector([
    { value: 1n, status: 'PRESENT', eventTime: HOUR },
    { value: 0.5, status: 'PRESENT', eventTime: HOUR },
    NOT_FOUND,
    { value: undefined, status: 'EXPIRED', eventTime: -HOUR },
    { value: 'x', status: 'PRESENT', eventTime: HOUR },
  ]);
  expect(FeatureVector.decode(FeatureVector.encode(vector).finish())).toEqual({
    values: [{ kind: { $case: 'int64Value', value: 1n } }, { kind: { $case: 'float64Value', value: 0.5 } }, { kind: undefined }, { kind: undefined }, { kind: { $case: 'stringValue', value: 'x' } }],
    statuses: ['STATUS_PRESENT', 'STATUS_PRESENT', 'STATUS_NOT_FOUND', 'STATUS_EXPIRED', 'STATUS_PRESENT'],
    eventTimes: [new Date('1970-01-01T01:00:00Z'), new Date('1969-12-31T23:00:00Z')],
    eventTimePlaces: [1, 1, 0, 2, 1],
  });
});

it('adds one byte for each value of a view, and no event time that a calendar does not have', () => {
  const values = Array.from({ length: 250 }, (_, i) => ({ value: i, status: 'PRESENT' as const, eventTime: HOUR }));
  const size = (vector: FeatureVector) => FeatureVector.encode(vector).finish().length;
  expect(size(toVector(values)) - size({ ...toVector(values), eventTimes: [], eventTimePlaces: [] })).toBeLessThan(250 + 16);
  expect(toVector([{ value: 1, status: 'PRESENT', eventTime: 1e22 }])).toMatchObject({ eventTimes: [], eventTimePlaces: [0] });
});
