import { expect, it } from 'vitest';
import { EntityState } from '../entity-state.js';
import type { TileDelta } from '../view-delta.js';
import { type Asked, HeldValues } from './held-values.js';
import { packEntity, packPart } from './packed-entity.js';
import type { ReadReply } from './redis-scripts.js';

const tile = (number: number): TileDelta => ({ key: '', tile: number, rows: 1, last: number, counts: [1], sums: [1], lows: [1], highs: [1] });

/** A value of these tiles, whole up to a stamp. */
function whole(stamp: number, ...tiles: readonly number[]): Buffer {
  const state = new EntityState();
  for (const number of tiles) state.addTile(tile(number), Infinity);
  return packEntity({ stamp: BigInt(stamp), state });
}
const part = (stamp: number, ...tiles: readonly number[]): Buffer => packPart(BigInt(stamp), { tiles: tiles.map(tile), latest: [], older: [] });

/** Rows of each tile of the value that an answer leaves. */
const rowsOf = (values: HeldValues, asked: Asked, reply: ReadReply): unknown => values.take(asked, reply)?.entity.state.tileDeltas('').map(({ tile: number, rows }) => [number, rows]);
const ask = (values: HeldValues, key = 'a', generation = 'g'): Asked => values.ask(generation, key, 100);

it('holds a value once it was read, and the same one while Redis says that it is all', () => {
  const values = new HeldValues();
  expect(ask(values).held).toBeUndefined();
  const first = values.take(ask(values), whole(1, 5));
  expect(ask(values)).toMatchObject({ held: first, length: whole(1, 5).length, stamp: 1n });
  expect(values.take(ask(values), 1)).toBe(first);
  expect(ask(values, 'b').held).toBeUndefined();
  expect(ask(values, 'a', 'another').held).toBeUndefined();
});

it('adds what was appended once, whichever of several answers brings it first', () => {
  const values = new HeldValues();
  values.take(ask(values), whole(1, 5));
  const [early, late] = [ask(values), ask(values)];
  expect(rowsOf(values, late, [Buffer.concat([part(2, 6), part(3, 5)])])).toEqual([[5, 2], [6, 1]]);
  expect(rowsOf(values, early, [part(2, 6)])).toEqual([[5, 2], [6, 1]]);
  expect(rowsOf(values, early, 1)).toEqual([[5, 2], [6, 1]]);
  expect(ask(values)).toMatchObject({ stamp: 3n, length: whole(1, 5).length + part(2, 6).length + part(3, 5).length });
});

it('takes a whole value in the place of what is held, unless that has become newer since it was asked for', () => {
  const values = new HeldValues();
  values.take(ask(values), whole(1, 5));
  const before = ask(values);
  expect(rowsOf(values, ask(values), whole(4, 5, 7))).toEqual([[5, 1], [7, 1]]);
  expect(rowsOf(values, before, whole(3, 5))).toEqual([[5, 1], [7, 1]]);
  // Redis itself has gone back: it is believed.
  expect(rowsOf(values, ask(values), whole(2, 5))).toEqual([[5, 1]]);
});

it('never grows a value that was written whole by parts that are in it', () => {
  const values = new HeldValues();
  values.take(ask(values), whole(1, 5));
  const before = ask(values);
  const state = new EntityState();
  for (const number of [5, 6]) state.addTile(tile(number), Infinity);
  values.put(ask(values), whole(2, 5, 6), { state, firstLength: whole(2, 5, 6).length });
  values.take(before, [part(2, 6)]);
  expect(rowsOf(values, ask(values), 1)).toEqual([[5, 1], [6, 1]]);
});

it('lets a value go that is no longer there, and one whose rest cannot be read', () => {
  const values = new HeldValues();
  values.take(ask(values), whole(1, 5));
  expect(values.take(ask(values), null)).toBeUndefined();
  expect(ask(values).held).toBeUndefined();
  values.take(ask(values), whole(1, 5));
  expect(() => values.take(ask(values), [part(2, 6).subarray(0, 9)])).toThrow('The value a in Redis cannot be read');
  expect(ask(values).held).toBeUndefined();
});

it('keeps those that were asked for last, up to a bound', () => {
  const size = whole(1, 5).length;
  const values = new HeldValues(size * 2 + part(2, 6).length);
  for (const key of ['a', 'b']) values.take(ask(values, key), whole(1, 5));
  values.take(ask(values, 'a'), [part(2, 6)]);
  values.take(ask(values, 'c'), whole(1, 5));
  expect(['a', 'b', 'c'].map((key) => ask(values, key).held !== undefined)).toEqual([true, false, true]);
});
