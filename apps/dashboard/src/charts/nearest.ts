/** A line in a picture, in pixels, from left to right. */
export interface PlacedLine {
  readonly id: string;
  readonly places: readonly (readonly [x: number, y: number])[];
}

/** So far to either side of a pointer, and above and below it, a line is near, in pixels. */
const BESIDE = 2;
const BEYOND = 24;

/** The line that passes a place at the least distance; undefined where none passes near. */
export function nearestLine(lines: readonly PlacedLine[], x: number, y: number): string | undefined {
  let [found, least] = [undefined as string | undefined, BEYOND];
  for (const { id, places } of lines) {
    const away = distance(places, x, y);
    if (away < least) [found, least] = [id, away];
  }
  return found;
}

/** How far a line passes above or below a place: where it goes up and down within a few pixels, from the middle of that. */
function distance(places: PlacedLine['places'], x: number, y: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.[0] ?? 0) < x - BESIDE) low = middle + 1;
    else high = middle;
  }
  let [top, bottom] = [Infinity, -Infinity];
  for (let i = low; i < places.length; i++) {
    const [at, value] = places[i] ?? [Infinity, 0];
    if (at > x + BESIDE) break;
    [top, bottom] = [Math.min(top, value), Math.max(bottom, value)];
  }
  if (top <= bottom) return y < top ? top - y + (bottom - top) / 2 : y > bottom ? y - bottom + (bottom - top) / 2 : Math.abs(y - (top + bottom) / 2);
  const [before, after] = [places[low - 1], places[low]];
  if (!before || !after) return Infinity;
  return Math.abs(y - (before[1] + ((x - before[0]) / (after[0] - before[0])) * (after[1] - before[1])));
}
