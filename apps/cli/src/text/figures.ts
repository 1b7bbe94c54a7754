/** A count with thousands apart. */
export const count = (value: bigint | number): string => value.toLocaleString('en-US');

/** A count with its noun, such as `1 alert` and `2 alerts`. */
export const plural = (value: bigint | number, noun: string, many = `${noun}s`): string => `${count(value)} ${Number(value) === 1 ? noun : many}`;

/** A measured number in as many digits as a person reads. */
export function figure(value: number | undefined, digits = 4): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value) || value === 0) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return count(value);
  return size >= 1e9 || size < 1e-4 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(size >= 10 ** digits ? Math.ceil(Math.log10(size)) : digits)));
}

/** A share in per cent. */
export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 1)} %`;

/** A part of a whole in per cent; nothing of nothing is none. */
export const shareOf = (part: bigint | number, whole: bigint | number): string => (Number(whole) === 0 ? percent(0) : percent(Number(part) / Number(whole)));

/** Bytes in the unit that a person would choose. */
export function bytes(value: bigint | number): string {
  let size = Number(value);
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (size < 1_000) return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`;
    size /= 1_000;
  }
  return `${size.toFixed(1)} TB`;
}

/** A digest so short that a person can compare it. */
export const shortDigest = (digest: string): string => (digest.startsWith('sha256:') ? digest.slice(0, 19) : digest);
