import { expect, it } from 'vitest';
import type { F64 } from './expression.js';
import { Ir } from './ir.js';
import { renderJs } from './js-renderer.js';
import { golden } from './kinds/goldens.fixture.js';
import { normalQuantile } from './normal-quantile.js';

it('is the normal quantile of scipy to 15 digits, and is held within its bounds', () => {
  const ir = new Ir();
  const evaluate = renderJs([normalQuantile(ir, ir.col('p', 'FLOAT64') as F64, [1e-300, 1 - 2 ** -53])]);
  const at = (p: number) => evaluate(() => p)[0] ?? Number.NaN;
  const { shares, values } = golden<{ shares: readonly number[]; values: readonly number[] }>('normal');
  shares.forEach((share, i) => expect(Math.abs(at(share) - (values[i] ?? Number.NaN)), String(share)).toBeLessThanOrEqual(2e-15 * Math.max(1, Math.abs(values[i] ?? 0))));
  expect([at(-1), at(Number.NaN), at(0.5)]).toEqual([at(1e-300), Number.NaN, 0]);
});
