import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationOf, evaluateModels } from './evaluate-models.js';
import { auc, METRICS } from './metrics.js';
import { gridAuc } from './resample.js';

/** What scikit-learn says of the same scores; tools/goldens/drift.py makes it. */
const { samples } = JSON.parse(readFileSync(new URL('./goldens.json', import.meta.url), 'utf8')) as {
  readonly samples: readonly ({ readonly target: readonly number[]; readonly scores: readonly number[] } & Readonly<Record<(typeof METRICS)[number], number>>)[];
};

describe.each(samples.map((sample, i) => ({ ...sample, title: `sample ${i + 1}` })))('$title', ({ target, scores, ...golden }) => {
  const [report] = evaluateModels({ target: Uint8Array.from(target), models: [{ name: 'm', scores: Float64Array.from(scores) }], block: new Int32Array(target.length), resamples: 2 });

  it.each(METRICS)('%s is what scikit-learn says', (metric) => {
    const value = report?.metrics.find((each) => each.metric === metric)?.value;
    expect(value).toBeCloseTo(golden[metric], 9);
  });

  it('the reliability table accounts for every row', () => {
    const bins = calibrationOf(Uint8Array.from(target), Float64Array.from(scores));
    expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(target.length);
    expect(bins.reduce((sum, { rows, observed }) => sum + rows * observed, 0)).toBeCloseTo(target.reduce((sum, y) => sum + y, 0), 9);
    expect(bins.reduce((sum, { rows, predicted }) => sum + rows * predicted, 0)).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0), 9);
  });
});

it('asks of the AUC how often a 1 scores above a 0, a tie counting half', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 0.25, 0.5, 0.75, 1)), { minLength: 1, maxLength: 40 }), (rows) => {
      const [ups, downs] = [rows.filter(([y]) => y === 1), rows.filter(([y]) => y === 0)];
      const wins = ups.flatMap(([, up]) => downs.map(([, down]): number => (up > down ? 1 : up === down ? 0.5 : 0))).reduce((sum, win) => sum + win, 0);
      const found = auc(Uint8Array.from(rows, ([y]) => y), Float64Array.from(rows, ([, score]) => score));
      if (ups.length === 0 || downs.length === 0) expect(found).toBeNaN();
      else expect(found).toBeCloseTo(wins / (ups.length * downs.length), 12);
    }),
  );
  expect(gridAuc([0, 1, 0], [1, 0, 0])).toBe(1);
  expect(gridAuc([1, 1], [0, 0])).toBeNaN();
});
