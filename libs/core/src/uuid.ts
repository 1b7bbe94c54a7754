let lastMs = 0;
let sequence = 0;

/** Random bytes are drawn for many ids at once: asking the system for each would cost more than all the rest. */
const RANDOM_BYTES = 8;
const pool = new Uint8Array(512 * RANDOM_BYTES);
let unused = 0;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (byte: number): string => HEX[byte & 0xff] ?? '';

/**
 * A UUID version 7 (RFC 9562): sortable by the millisecond it was made in, and within one process by the order of the calls.
 * The 12 bits after the time are a counter (method 1 of section 6.2), the rest is random.
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMs++;
    sequence = 0;
  }
  if (unused === 0) {
    crypto.getRandomValues(pool);
    unused = pool.length;
  }
  unused -= RANDOM_BYTES;
  const random = (index: number): number => pool[unused + index] ?? 0;
  const [high, low] = [Math.floor(lastMs / 2 ** 32), lastMs >>> 0];
  return (
    `${hex(high >> 8)}${hex(high)}${hex(low >>> 24)}${hex(low >>> 16)}-${hex(low >>> 8)}${hex(low)}-${hex(0x70 | (sequence >> 8))}${hex(sequence)}-` +
    `${hex(0x80 | (random(0) & 0x3f))}${hex(random(1))}-${hex(random(2))}${hex(random(3))}${hex(random(4))}${hex(random(5))}${hex(random(6))}${hex(random(7))}`
  );
}

/** The millisecond that a UUID version 7 was made in. */
export const uuidTime = (uuid: string): Date => new Date(Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16));

/** A text that sorts after every UUID version 7 that was made before a time, and before every other. */
export function uuidBound(time: Date): string {
  const digits = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
