import { expect, it } from 'vitest';
import { compareVectors, type ServedValue, type ServedVector } from './served-vector.js';

const vector = (id: string, values: Readonly<Record<string, ServedValue>>): ServedVector => ({ id, time: 0, keys: { origin: ['ATL'] }, values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === undefined ? [] : [value]])) });

it('finds nothing where all is as it was, missing values and times among it', () => {
  const vectors = [vector('a', { share: 0.1, flights: 2n, seen: 5 }), vector('b', { share: Number.NaN, flights: undefined, seen: undefined })];
  const history = [{ share: 0.1, flights: 2n, seen: new Date(5) }, { share: undefined, flights: undefined, seen: undefined }];
  expect(compareVectors(vectors, history, ['share', 'flights', 'seen']).map(({ feature, values, mismatches, example }) => [feature, values, mismatches, example])).toEqual([['flights', 2, 0, ''], ['seen', 2, 0, ''], ['share', 2, 0, '']]);
});

it('tells the last bit, the type and what was missing apart, and names the first of each feature', () => {
  const vectors = [vector('a', { share: 0.1 + 0.2, flights: 2n, gate: 'x' }), vector('b', { share: 0.3, flights: 2, gate: undefined })];
  const history = [{ share: 0.3, flights: 2n, gate: 'x' }, { share: 0.3, flights: 2n, gate: 'y' }];
  expect(compareVectors(vectors, history, ['share', 'flights', 'gate'])).toEqual([
    { feature: 'flights', values: 2, mismatches: 1, example: 'b was served 2, history says 2' },
    { feature: 'gate', values: 2, mismatches: 1, example: 'b was served nothing, history says y' },
    { feature: 'share', values: 2, mismatches: 1, example: 'a was served 0.30000000000000004, history says 0.3' },
  ]);
});

it('passes over features that were not served', () => {
  expect(compareVectors([vector('a', { share: 1 }), vector('b', {})], [{ share: 1, gate: 'x' }, { share: 2, gate: 'x' }], ['share', 'gate'])).toEqual([{ feature: 'share', values: 1, mismatches: 0, example: '' }]);
});
