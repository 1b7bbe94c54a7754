/** Where one stream of a flow leaves the whole, where it ends, and how wide it is: the middle of it, in units of the picture. */
export interface FlowPlace {
  readonly begin: number;
  readonly end: number;
  readonly width: number;
}

/** The height of the picture, in its units. */
export const HEIGHT = 150;
/** Between the ends of two streams, so that their labels stand apart. */
const GAP = 22;
/** Above the first stream and below the last, which is half a label. */
const MARGIN = 10;
/** A stream of few is drawn so wide, so that it is seen. */
const LEAST = 2.5;

/** Parts a whole into streams by their amounts, of which each is at least a hair and all lie within the picture. */
export function flowPlaces(amounts: readonly bigint[]): readonly FlowPlace[] {
  const whole = Number(amounts.reduce((sum, amount) => sum + amount, 0n));
  const room = HEIGHT - 2 * MARGIN - (GAP + LEAST) * Math.max(amounts.length - 1, 0);
  const widths = amounts.map((amount) => Math.max(LEAST, (Number(amount) / Math.max(whole, 1)) * room));
  const trunk = widths.reduce((sum, width) => sum + width, 0);
  let [from, to] = [(HEIGHT - trunk) / 2, MARGIN];
  return widths.map((width) => {
    const place = { begin: from + width / 2, end: to + width / 2, width };
    from += width;
    to += width + GAP;
    return place;
  });
}
