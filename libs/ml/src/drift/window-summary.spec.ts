import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareWindow } from './compare.js';
import { categoryReference, COMPARED_CATEGORIES, makeReference, MAX_CATEGORIES, numericReference, parseReference } from './reference.js';
import { emptySummary, mergeSummaries, type SummaryCell, summarizer, type WindowSummary } from './window-summary.js';

const airports = Array.from({ length: 80 }, (_, i) => `A${i}`);
const reference = makeReference(
  [
    numericReference('distance', Float64Array.from({ length: 400 }, (_, i) => (i % 40 === 0 ? Number.NaN : i))),
    categoryReference('origin', Array.from({ length: 400 }, (_, i) => (i % 100 === 0 ? undefined : airports[(i * i) % 80]))),
  ],
  numericReference('score', Float64Array.from({ length: 400 }, (_, i) => i / 400)),
);

interface Observed {
  readonly distance: SummaryCell;
  readonly origin: SummaryCell;
  readonly score: number;
}

function summaryOf(rows: readonly Observed[]): WindowSummary {
  const summary = emptySummary(reference);
  const add = summarizer(reference);
  for (const row of rows) add(summary, (column) => row[column as 'distance' | 'origin'], row.score);
  return summary;
}

const observed = fc.record<Observed>({
  distance: fc.oneof(fc.constant(undefined), fc.double()),
  origin: fc.oneof(fc.constant(undefined), fc.constantFrom(...airports, 'NEW', '')),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
});

it('gives one summary, however the rows are cut and in whichever order the parts are merged', () => {
  fc.assert(
    fc.property(fc.array(fc.array(observed, { maxLength: 30 }), { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (parts, order) => {
      const whole = summaryOf(parts.flat());
      const pool = parts.map(summaryOf);
      while (pool.length > 1) {
        const take = (): WindowSummary => pool.splice((order.next().value ?? 0) % pool.length, 1)[0] ?? emptySummary(reference);
        pool.push(mergeSummaries(take(), take()));
      }
      expect(pool[0]).toEqual(whole);
      expect(whole.rows).toBe(parts.flat().length);
      for (const { counts, other, missing } of [...Object.values(whole.columns), whole.score]) expect(counts.reduce((sum, count) => sum + count, 0) + other + missing).toBe(whole.rows);
    }),
  );
});

it('finds its own rows where they were: nothing drifts, nothing is missing more often, nothing is unseen', () => {
  const numbers = Float64Array.from({ length: 300 }, (_, i) => Math.round(Math.sin(i) * 50) / 10);
  const texts = Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? undefined : airports[i % 70]));
  const own = makeReference([numericReference('distance', numbers), categoryReference('origin', texts)], numericReference('score', numbers));
  const summary = emptySummary(own);
  const add = summarizer(own);
  numbers.forEach((number, i) => add(summary, (column) => (column === 'distance' ? number : texts[i]), number));
  const { columns, score } = compareWindow(own, summary);
  for (const { distances, missingShare, referenceMissingShare, unseenShare, rows } of [...columns, score]) {
    expect(rows).toBe(300);
    expect(distances['psi']).toBeCloseTo(0, 12);
    expect(distances['jensen_shannon']).toBeCloseTo(0, 7);
    expect(missingShare).toBe(referenceMissingShare);
    expect(unseenShare).toBe(0);
  }
  expect(columns.find(({ column }) => column === 'origin')?.distances['chi2_p']).toBeCloseTo(1, 9);
  expect(score.distances['ks_p']).toBe(1);
});

it('counts what is no finite number as missing, as its reference does', () => {
  const holes = numericReference('x', Float64Array.from([1, 2, Number.NaN, Infinity, -Infinity]));
  const own = makeReference([holes], holes);
  const summary = emptySummary(own);
  const add = summarizer(own);
  for (const cell of [Number.NaN, Infinity, -Infinity, undefined, 'text']) add(summary, () => cell, 1);
  expect(holes.missing).toBe(3);
  expect(summary.columns['x']?.missing).toBe(5);
});

it('tells apart a text that the reference held but does not compare and one that it never saw', () => {
  const { columns } = compareWindow(reference, summaryOf([...airports.map((origin) => ({ distance: 1, origin, score: 0.5 })), ...Array.from({ length: 20 }, () => ({ distance: undefined, origin: 'NEW', score: 0.5 }))]));
  const [distance, origin] = columns;
  const kept = reference.columns[1];
  expect(kept?.kind === 'category' && kept.values.length).toBeLessThanOrEqual(COMPARED_CATEGORIES);
  const seen = new Set(kept?.kind === 'category' ? kept.seen : []);
  expect(origin?.unseenShare).toBe((20 + airports.filter((airport) => !seen.has(airport)).length) / 100);
  expect(distance).toMatchObject({ missingShare: 0.2, referenceMissingShare: 10 / 400 });
});

it('compares nothing where all values are missing, and says how many are', () => {
  const { columns } = compareWindow(reference, summaryOf([{ distance: undefined, origin: undefined, score: 0.5 }]));
  for (const column of columns) expect(column).toMatchObject({ distances: {}, missingShare: 1, unseenShare: 0 });
});

it('calls nothing unseen where there were too many texts to keep', () => {
  const many = categoryReference('id', Array.from({ length: MAX_CATEGORIES + 1 }, (_, i) => `id-${i}`));
  expect(many.seen).toBeUndefined();
  const own = makeReference([many], reference.score);
  const summary = emptySummary(own);
  summarizer(own)(summary, () => 'stranger', 0.5);
  expect(summary.columns['id']).toMatchObject({ other: 1, unseen: 0 });
});

it('reads back what it wrote, and names what is wrong with anything else', () => {
  expect(parseReference(JSON.parse(JSON.stringify(reference)))).toEqual(reference);
  expect(() => parseReference({ ...reference, score: { ...reference.score, counts: [-1] } })).toThrow('This is no reference: score.counts.0');
  expect(() => parseReference({})).toThrow('This is no reference: format');
});
