import { z } from 'zod';

/** Microseconds of each unit. */
const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000, w: 604_800_000_000 };
const TEXT = /^(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)$/;

/** A length of time such as `7d`, `90m` or `7.5s`, in microseconds. */
export const duration = z
  .string()
  .regex(TEXT, 'must be a number and a unit, such as 90m, 24h or 7d (us, ms, s, m, h, d, w)')
  .transform((text) => {
    const [, amount, unit] = TEXT.exec(text) ?? [];
    return Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  });

/** Microseconds as google.protobuf.Duration. */
export function toDuration(micros: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(micros / 1_000_000);
  return { seconds: BigInt(seconds), nanos: Math.round((micros - seconds * 1_000_000) * 1_000) };
}
