import { EntityState } from '../entity-state.js';
import type { Whole } from '../exact-sum.js';
import type { LatestRow, LatestValue, OlderRows, TileDelta } from '../view-delta.js';
import { errors } from '../../errors.js';
import { ByteReader, ByteWriter } from './packed-bytes.js';

/** The state of one key of one view as one value: a byte of format, the stamp, then older rows, tiles and newest rows. */
export const PACKED_FORMAT = 1;
/** Where the stamp stands, for scripts that compare it. */
export const STAMP_FROM = 1;
export const STAMP_TO = 8;

/** A key's state with the number of the last push that is in it. */
export interface PackedEntity {
  readonly stamp: bigint;
  readonly state: EntityState;
}

/** The bytes of a state. */
export function packEntity({ stamp, state }: PackedEntity): Buffer {
  const writer = new ByteWriter();
  writer.byte(PACKED_FORMAT);
  writer.int64(stamp);
  const [older] = state.olderRows('');
  writer.byte(older ? 1 : 0);
  if (older) {
    writer.step(older.before);
    writer.double(older.last);
  }
  const tiles = [...state.tileDeltas('')].sort((a, b) => a.tile - b.tile);
  writer.count(tiles.length);
  writer.count(tiles[0]?.counts.length ?? 0);
  let before = 0;
  for (const tile of tiles) {
    writer.step(tile.tile - before);
    before = tile.tile;
    writer.count(tile.rows);
    writer.double(tile.last);
    for (const [i, count] of tile.counts.entries()) {
      writer.count(count);
      // Of nothing the sum is 0, and extremes stand at their infinities.
      if (count === 0) continue;
      writer.cell(tile.sums[i]);
      writer.cell(tile.lows[i]);
      writer.cell(tile.highs[i]);
    }
  }
  const latest = state.latestRows();
  writer.count(latest.length);
  writer.count(latest[0]?.values.length ?? 0);
  for (const { known, event, values } of latest) {
    writer.double(known);
    writer.double(event);
    for (const value of values) writer.cell(value);
  }
  return writer.bytes();
}

/** The state in the bytes; throws ONLINE_FORMAT_UNKNOWN or ONLINE_VALUE_DAMAGED and names the key. */
export function unpackEntity(bytes: Buffer, key: string): PackedEntity {
  const format = bytes[0];
  if (format !== PACKED_FORMAT) throw errors.ONLINE_FORMAT_UNKNOWN({ key, format: String(format), known: String(PACKED_FORMAT) });
  try {
    return read(new ByteReader(bytes));
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause;
    throw errors.ONLINE_VALUE_DAMAGED({ key, why: cause.message }, { cause });
  }
}

/** The stamp of a value, without reading the rest. */
export const stampOf = (bytes: Buffer): bigint => bytes.readBigInt64BE(STAMP_FROM);

function read(reader: ByteReader): PackedEntity {
  const state = new EntityState();
  reader.byte();
  const stamp = reader.int64();
  if (reader.byte() === 1) state.addOlder({ key: '', before: reader.step(), last: reader.double() } satisfies OlderRows);
  const [tiles, columns] = [reader.count(), reader.count()];
  let at = 0;
  for (let n = 0; n < tiles; n++) {
    at += reader.step();
    const tile = { key: '', tile: at, rows: reader.count(), last: reader.double(), counts: [] as number[], sums: [] as Whole[], lows: [] as Whole[], highs: [] as Whole[] };
    for (let i = 0; i < columns; i++) {
      const count = reader.count();
      tile.counts.push(count);
      tile.sums.push(count === 0 ? 0 : (reader.cell() as Whole));
      tile.lows.push(count === 0 ? Infinity : (reader.cell() as Whole));
      tile.highs.push(count === 0 ? -Infinity : (reader.cell() as Whole));
    }
    state.addTile(tile satisfies TileDelta, Infinity);
  }
  const [rows, values] = [reader.count(), reader.count()];
  for (let n = 0; n < rows; n++) {
    const row = { key: '', known: reader.double(), event: reader.double(), values: Array.from({ length: values }, (): LatestValue => reader.cell()) };
    state.addLatest(row satisfies LatestRow);
  }
  if (!reader.done) throw new RangeError('there are bytes after the end');
  return { stamp, state };
}
