import type { Whole } from '../exact-sum.js';
import type { LatestValue } from '../view-delta.js';

type PackedCell = LatestValue | Whole | null;

const MISSING = 0;
const SMALL = 1;
const DOUBLE = 2;
const PLUS = 3;
const MINUS = 4;
const TEXT = 5;

/** Beyond this a whole number is written as the double that it is: a varint of it would not be exact, or no shorter. */
const LARGEST_SMALL = 2 ** 48;
const FIRST_SIZE = 1024;

/** Writes numbers and cells as bytes that give every bit and type back. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #end = 0;

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  int64(value: bigint): void {
    this.#room(8);
    this.#end = this.#bytes.writeBigInt64BE(value, this.#end);
  }

  double(value: number): void {
    this.#room(8);
    this.#end = this.#bytes.writeDoubleBE(value, this.#end);
  }

  /** A whole number from 0 to 2^53. */
  count(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#end++] = rest;
  }

  /** A whole number of either sign, within 2^52. */
  step(value: number): void {
    this.count(value < 0 ? -2 * value - 1 : 2 * value);
  }

  cell(value: PackedCell): void {
    if (value === undefined || value === null) return this.byte(MISSING);
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'bigint') return this.#large(value);
    if (Number.isInteger(value) && Math.abs(value) <= LARGEST_SMALL && !Object.is(value, -0)) {
      this.byte(SMALL);
      return this.step(value);
    }
    this.byte(DOUBLE);
    this.double(value);
  }

  /** What was written. */
  bytes(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#end));
  }

  #text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.byte(TEXT);
    this.count(bytes.length);
    this.#append(bytes);
  }

  #large(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16);
    const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    this.byte(value < 0n ? MINUS : PLUS);
    this.count(bytes.length);
    this.#append(bytes);
  }

  #append(bytes: Buffer): void {
    this.#room(bytes.length);
    this.#end += bytes.copy(this.#bytes, this.#end);
  }

  #room(size: number): void {
    if (this.#end + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + size));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Reads what a ByteWriter wrote; throws a RangeError where the bytes end too early or say what nobody writes. */
export class ByteReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** How many bytes were read. */
  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at === this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.#at++];
    if (value === undefined) throw new RangeError('the bytes end too early');
    return value;
  }

  int64(): bigint {
    const value = this.bytes.readBigInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  double(): number {
    const value = this.bytes.readDoubleBE(this.#at);
    this.#at += 8;
    return value;
  }

  count(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value -= 0x80;
    for (let scale = 0x80; ; scale *= 0x80) {
      const next = this.byte();
      if (next < 0x80) return value + next * scale;
      value += (next - 0x80) * scale;
    }
  }

  step(): number {
    const value = this.count();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  cell(): LatestValue {
    const kind = this.byte();
    switch (kind) {
      case MISSING:
        return undefined;
      case SMALL:
        return this.step();
      case DOUBLE:
        return this.double();
      case PLUS:
        return this.#large();
      case MINUS:
        return -this.#large();
      case TEXT:
        return this.#take(this.count()).toString('utf8');
      default:
        throw new RangeError(`a cell is of the unknown kind ${kind}`);
    }
  }

  #large(): bigint {
    return BigInt(`0x${this.#take(this.count()).toString('hex')}`);
  }

  #take(size: number): Buffer {
    const part = this.bytes.subarray(this.#at, this.#at + size);
    if (part.length !== size) throw new RangeError('the bytes end too early');
    this.#at += size;
    return part;
  }
}
