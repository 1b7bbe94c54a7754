/** What stands at the head of a view's values: which of them are current, and how far they go. Every read takes it together with the values. */
export interface Marker {
  /** In the keys of the values. A filling never writes into the values of another. */
  readonly generation: string;
  /** Number of the filling that the values come from. */
  readonly filling: bigint;
  /** Of what the view meant, and of the columns that it read: values of one shape can be read and added to by all who know it. */
  readonly shape: string;
  /** Number of the last push that is in the values. */
  readonly through: bigint;
  /** The earliest millisecond at which a value may have expired; Infinity when none ever will. */
  readonly expires: number;
}

const FORMAT = 'v1';
const NEVER = '-';

/** The text of a marker; equal markers have equal texts. */
export const formatMarker = ({ generation, filling, shape, through, expires }: Marker): string => [FORMAT, generation, filling, shape, through, expires === Infinity ? NEVER : Math.trunc(expires)].join(' ');

/** The marker of a text; undefined for one of another format, which is as if it were not there. */
export function parseMarker(text: string): Marker | undefined {
  const [format, generation, filling, shape, through, expires] = text.split(' ');
  if (format !== FORMAT || generation === undefined || filling === undefined || shape === undefined || through === undefined || expires === undefined) return undefined;
  return { generation, filling: BigInt(filling), shape, through: BigInt(through), expires: expires === NEVER ? Infinity : Number(expires) };
}

/** Whether one marker stands for a state that another one has already left behind: a server that lost its last writes comes back with such a one. */
export const isBehind = (marker: Marker, known: Marker): boolean => marker.filling < known.filling || (marker.generation === known.generation && marker.through < known.through);
