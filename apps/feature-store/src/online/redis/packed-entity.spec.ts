import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EntityState } from '../entity-state.js';
import { type Whole, whole } from '../exact-sum.js';
import type { LatestValue } from '../view-delta.js';
import { addParts, lastStampOf, packEntity, packPart, unpackEntity } from './packed-entity.js';

const anyWhole: fc.Arbitrary<Whole> = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }), fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }), fc.bigInt({ min: -(2n ** 48n) - 2n, max: -(2n ** 48n) + 2n })).map(whole);
const anyDouble = fc.double({ noNaN: true });
const anyLatest: fc.Arbitrary<LatestValue> = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity), fc.string({ unit: 'binary' }), fc.constant(undefined));
const micros = fc.integer({ min: -8_000_000_000_000_000, max: 8_000_000_000_000_000 });
const tileOf = (columns: number) =>
  fc.record({ tile: fc.integer(), rows: fc.nat(), last: micros, columns: fc.array(fc.record({ count: fc.nat(), sum: anyWhole, low: fc.oneof(anyWhole, anyDouble), high: fc.oneof(anyWhole, anyDouble) }), { minLength: columns, maxLength: columns }) });
const anyState = fc
  .record({ columns: fc.nat(3), values: fc.nat(3), older: fc.option(fc.record({ before: fc.integer(), last: micros }), { nil: undefined }) })
  .chain(({ columns, values, older }) => fc.record({ older: fc.constant(older), tiles: fc.array(tileOf(columns), { maxLength: 40 }), latest: fc.array(fc.record({ known: micros, event: micros, values: fc.array(anyLatest, { minLength: values, maxLength: values }) }), { maxLength: 70 }) }))
  .map(({ older, tiles, latest }) => {
    const state = new EntityState();
    if (older) state.addOlder({ key: '', ...older });
    for (const { tile, rows, last, columns } of tiles) {
      const of = <T>(pick: (column: (typeof columns)[number]) => T, none: T): T[] => columns.map((column) => (column.count === 0 ? none : pick(column)));
      state.addTile({ key: '', tile, rows, last, counts: of(({ count }) => count, 0), sums: of<Whole>(({ sum }) => sum, 0), lows: of<Whole>(({ low }) => low, Infinity), highs: of<Whole>(({ high }) => high, -Infinity) }, Infinity);
    }
    for (const row of latest) state.addLatest({ key: '', ...row });
    return state;
  });

/** All that a state holds, tiles in their order. */
const all = (state: EntityState) => ({ tiles: [...state.tileDeltas('')].sort((a, b) => a.tile - b.tile), latest: state.latestRows(), older: state.olderRows('') });

it('gives back every bit and type of a state, with the number of its last push', () => {
  fc.assert(
    fc.property(anyState, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (state, stamp) => {
      const bytes = packEntity({ stamp, state });
      expect(lastStampOf(bytes).readBigInt64BE()).toBe(stamp);
      const read = unpackEntity(bytes, 'k', Infinity);
      expect(read.firstLength).toBe(bytes.length);
      expect(read.stamp).toBe(stamp);
      expect(all(read.state)).toEqual(all(state));
      // The same state has the same bytes, however it came about.
      expect(packEntity({ stamp, state: read.state }).equals(bytes)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('grows by parts to what the state grows to, wherever it is read from', () => {
  fc.assert(
    fc.property(anyState, fc.array(anyState, { minLength: 1, maxLength: 4 }), fc.nat(), (state, grown, draw) => {
      const parts = grown.map((each, i) => packPart(BigInt(i + 2), { tiles: each.tileDeltas(''), latest: each.latestRows(), older: each.olderRows('') }));
      const first = packEntity({ stamp: 1n, state });
      const whole = unpackEntity(Buffer.concat([first, ...parts]), 'k', 30);
      expect(whole.stamp).toBe(BigInt(grown.length + 1));
      expect(whole.firstLength).toBe(first.length);
      const held = draw % grown.length;
      const read = unpackEntity(Buffer.concat([first, ...parts.slice(0, held)]), 'k', 30).state;
      expect(addParts(read, Buffer.concat(parts.slice(held)), 'k', 30).stamp).toBe(whole.stamp);
      expect(all(read)).toEqual(all(whole.state));
      const wanted = unpackEntity(first, 'k', 30).state;
      for (const each of grown) {
        for (const rows of each.olderRows('')) wanted.addOlder(rows);
        for (const tile of each.tileDeltas('')) wanted.addTile(tile, 30);
        for (const row of each.latestRows()) wanted.addLatest(row);
      }
      expect(all(whole.state)).toEqual(all(wanted));
    }),
    { numRuns: 200 },
  );
});

it('takes some bytes for a tile', () => {
  const state = new EntityState();
  for (let tile = 0; tile < 216; tile++) state.addTile({ key: '', tile: 270_000 + tile, rows: 12, last: 972_000_000_000_000 + tile, counts: [12, 12], sums: [3, 140_000_000], lows: [0, -9], highs: [1, 45] }, Infinity);
  expect(packEntity({ stamp: 1n, state }).length / 216).toBeLessThan(32);
});

it('refuses a format that it does not know, and says what to do', () => {
  const bytes = packEntity({ stamp: 1n, state: new EntityState() });
  bytes[0] = 9;
  expect(() => unpackEntity(bytes, 'ATL', Infinity)).toThrow('The value ATL in Redis has the format 9, and this version reads 2: a newer Millrace wrote it. Start that version, or materialise the view again.');
});

it('refuses bytes that end too early or go on too long, wherever they are cut', () => {
  const state = new EntityState();
  state.addTile({ key: '', tile: 3, rows: 1, last: 5, counts: [1], sums: [2n ** 70n], lows: [0.5], highs: [7] }, Infinity);
  state.addLatest({ key: '', known: 1, event: 2, values: ['text', 1n, undefined] });
  const bytes = packEntity({ stamp: 1n, state });
  for (let size = 1; size < bytes.length; size++) expect(() => unpackEntity(bytes.subarray(0, size), 'ATL', Infinity), `cut at ${size}`).toThrow('The value ATL in Redis cannot be read');
  expect(() => unpackEntity(Buffer.concat([bytes, Buffer.from([0])]), 'ATL', Infinity)).toThrow('materialise the view again');
});
