import { expect, it } from 'vitest';
import { seededRandom } from '@millrace/core';
import { auc, lossOf } from './metrics.js';
import { slicesOf } from './slices.js';
import { worstSlices } from './worst-slices.js';

/** Flights of four airports; the model knows nothing of those that leave from BAD. */
function flights(rows: number) {
  const random = seededRandom(3);
  const origin = Array.from({ length: rows }, (_, i) => ['ORD', 'ATL', 'BAD', 'SEA'][i % 4] ?? '');
  const weekday = Array.from({ length: rows }, (_, i) => String(i % 7));
  const target = Uint8Array.from({ length: rows }, () => (random() < 0.3 ? 1 : 0));
  const scores = Float64Array.from(target, (y, i) => (origin[i] === 'BAD' ? random() : Math.min(0.95, Math.max(0.05, y + (random() - 0.5) * 0.6))));
  return { target, scores, columns: [{ name: 'origin', values: origin }, { name: 'weekday', values: weekday }] };
}

it('finds the sub-population that the model does worst in, with its own figures', () => {
  const { target, scores, columns } = flights(2_000);
  const [worst, ...others] = worstSlices(slicesOf({ target, scores, columns, minRows: 100 }));
  const rows = [...target.keys()].filter((row) => row % 4 === 2);
  const loss = rows.reduce((sum, row) => sum + lossOf(target[row] ?? 0, scores[row] ?? 0), 0) / rows.length;
  expect(worst).toMatchObject({ column: 'origin', value: 'BAD', rows: 500 });
  expect(worst?.metrics[0]?.metric).toBe('log_loss');
  expect(worst?.metrics[0]?.value).toBeCloseTo(loss, 12);
  expect(worst?.metrics[1]?.value).toBeCloseTo(auc(Uint8Array.from(rows, (row) => target[row] ?? 0), Float64Array.from(rows, (row) => scores[row] ?? 0)), 12);
  for (const { low, value, high } of worst?.metrics ?? []) expect(low < value && value < high).toBe(true);
  const losses = [worst, ...others].map((slice) => slice?.metrics[0]?.value ?? 0);
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
});

it('leaves out slices that are too small to say anything of', () => {
  const { target, scores, columns } = flights(200);
  expect(worstSlices(slicesOf({ target, scores, columns, minRows: 50 })).map(({ column }) => column)).toEqual(['origin', 'origin', 'origin', 'origin']);
  expect(worstSlices(slicesOf({ target, scores, columns, minRows: 51 }))).toEqual([]);
});

it('tells no more than it is asked for', () => {
  const { target, scores, columns } = flights(700);
  expect(worstSlices(slicesOf({ target, scores, columns, minRows: 1 }))).toHaveLength(5);
  expect(worstSlices(slicesOf({ target, scores, columns, minRows: 1 }), 2)).toHaveLength(2);
});
