import { EntityState } from '../entity-state.js';
import type { Whole } from '../exact-sum.js';
import type { LatestRow, LatestValue, OlderRows, TileDelta, ViewDelta } from '../view-delta.js';
import { errors } from '../../errors.js';
import { ByteReader, ByteWriter } from './packed-bytes.js';

/**
 * The state of one key of one view as one value: a byte of format, the stamp of its first part, and its parts. A part is older rows, tiles, newest rows and a
 * stamp of 8 bytes. The first one is a whole state, each later one what was appended to it; so a value ends with the number of the last push that is in it.
 */
export const PACKED_FORMAT = 2;
/** Bytes of a stamp: of the first one, behind the format, and of the last one, at the end. */
export const STAMP_BYTES = 8;
const HEAD_BYTES = 1 + STAMP_BYTES;

/** A key's state with the number of the last push that is in it. */
export interface PackedEntity {
  readonly stamp: bigint;
  readonly state: EntityState;
}

/** The bytes of a state, as a value of one part. */
export function packEntity({ stamp, state }: PackedEntity): Buffer {
  const writer = new ByteWriter();
  writer.byte(PACKED_FORMAT);
  writer.int64(stamp);
  writePart(writer, { tiles: [...state.tileDeltas('')].sort((a, b) => a.tile - b.tile), latest: state.latestRows(), older: state.olderRows('') });
  writer.int64(stamp);
  return writer.bytes();
}

/** What one key's state grows by up to a push, as a part to be appended to its value. */
export function packPart(stamp: bigint, delta: ViewDelta): Buffer {
  const writer = new ByteWriter();
  writePart(writer, delta);
  writer.int64(stamp);
  return writer.bytes();
}

/** The state in the bytes of a whole value, holding `keep` tiles, and how many of the bytes go up to the end of the first part; throws ONLINE_FORMAT_UNKNOWN or ONLINE_VALUE_DAMAGED and names the key. */
export function unpackEntity(bytes: Buffer, key: string, keep: number): PackedEntity & { readonly firstLength: number } {
  const format = bytes[0];
  if (format !== PACKED_FORMAT) throw errors.ONLINE_FORMAT_UNKNOWN({ key, format: String(format), known: String(PACKED_FORMAT) });
  const state = new EntityState();
  const { stamp, first } = addParts(state, bytes.subarray(HEAD_BYTES), key, keep);
  return { stamp, state, firstLength: HEAD_BYTES + first };
}

/** Adds parts to a state; gives the stamp of the last one and the bytes of the first. Throws ONLINE_VALUE_DAMAGED, and the state is of no use then. */
export function addParts(state: EntityState, bytes: Buffer, key: string, keep: number): { readonly stamp: bigint; readonly first: number } {
  try {
    const reader = new ByteReader(bytes);
    let [stamp, first] = [0n, 0];
    do {
      readPart(reader, state, keep);
      stamp = reader.int64();
      first ||= reader.at;
    } while (!reader.done);
    return { stamp, first };
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause;
    throw errors.ONLINE_VALUE_DAMAGED({ key, why: cause.message }, { cause });
  }
}

/** The stamp of a value's first part: two values of one generation that begin with the same stamp have the same first part. */
export const firstStampOf = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(1, HEAD_BYTES));

/** The stamp that a value ends with. */
export const lastStampOf = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(-STAMP_BYTES));

function writePart(writer: ByteWriter, { older: [older], tiles, latest }: ViewDelta): void {
  writer.byte(older ? 1 : 0);
  if (older) {
    writer.step(older.before);
    writer.double(older.last);
  }
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
  writer.count(latest.length);
  writer.count(latest[0]?.values.length ?? 0);
  for (const { known, event, values } of latest) {
    writer.double(known);
    writer.double(event);
    for (const value of values) writer.cell(value);
  }
}

function readPart(reader: ByteReader, state: EntityState, keep: number): void {
  const kind = reader.byte();
  if (kind > 1) throw new RangeError(`a part begins with ${kind}`);
  if (kind === 1) state.addOlder({ key: '', before: reader.step(), last: reader.double() } satisfies OlderRows);
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
    state.addTile(tile satisfies TileDelta, keep);
  }
  const [rows, values] = [reader.count(), reader.count()];
  for (let n = 0; n < rows; n++) {
    const row = { key: '', known: reader.double(), event: reader.double(), values: Array.from({ length: values }, (): LatestValue => reader.cell()) };
    state.addLatest(row satisfies LatestRow);
  }
}
