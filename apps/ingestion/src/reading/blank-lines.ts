import { createReadStream } from 'node:fs';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** How many empty lines (outside quotes) a CSV file has before the records that begin at these byte positions, or after empty lines there. Positions count from 0 and rise. */
export async function countBlankLines(path: string, positions: readonly number[]): Promise<readonly number[]> {
  const counts: number[] = [];
  let at = 0;
  let blank = 0;
  let quoted = false;
  let empty = true;
  let last = 0;
  if (positions.length === 0) return counts;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      const ends = !quoted && (byte === LF || byte === CR);
      if (!ends && at >= (positions[counts.length] ?? Infinity)) counts.push(blank);
      if (counts.length === positions.length) return counts;
      if (byte === QUOTE) quoted = !quoted;
      // The LF of a CR LF ends nothing of its own.
      if (!ends) empty = false;
      else if (!(byte === LF && last === CR)) {
        if (empty) blank++;
        empty = true;
      }
      last = byte;
      at++;
    }
  }
  while (counts.length < positions.length) counts.push(blank);
  return counts;
}
