import { createReadStream } from 'node:fs';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** How many empty lines (outside quotes) a CSV file has before each of the byte positions, which rise. */
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
      while (counts.length < positions.length && at >= (positions[counts.length] ?? 0)) counts.push(blank);
      if (counts.length === positions.length) return counts;
      at++;
      if (byte === QUOTE) quoted = !quoted;
      const ends = !quoted && (byte === LF || byte === CR);
      // The LF of a CR LF ends nothing of its own.
      if (ends && !(byte === LF && last === CR)) {
        if (empty) blank++;
        empty = true;
      } else if (!ends) empty = false;
      last = byte;
    }
  }
  while (counts.length < positions.length) counts.push(blank);
  return counts;
}
