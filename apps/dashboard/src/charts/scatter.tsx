import { type Placed, scaleOf } from './scale.js';
import { useWidth } from './use-width.js';

/** One thing with a value on either axis. */
export interface Spot {
  readonly id: string;
  readonly name: string;
  readonly x: Placed;
  readonly y: number;
  readonly chosen: boolean;
}

const HEIGHT = 320;
const LEFT = 62;
const RIGHT = 14;
const TOP = 34;
const BOTTOM = 44;

interface Parts {
  readonly spots: readonly Spot[];
  readonly x: string;
  readonly y: string;
  readonly says: string;
  readonly onChoose: (id: string) => void;
}

/** Spots on two axes; those that are chosen stand out, with their names. */
export function Scatter({ spots, x: across, y: up, says, onChoose }: Parts) {
  const [place, width] = useWidth();
  const [wide, high] = [scaleOf(spots.map(({ x }) => x)), scaleOf(spots.map(({ y }) => y))];
  const x = (share: number): number => LEFT + share * (width - LEFT - RIGHT);
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  // Those that are chosen are drawn last, above the others.
  const drawn = [...spots]
    .sort((a, b) => Number(a.chosen) - Number(b.chosen))
    .map(({ id, name, chosen, x: own, y: value }) => ({ id, name, chosen, left: x(wide.at(own) ?? 0), top: y(high.at(value) ?? 0), words: `${name}: ${own}, ${value}` }));
  const named = withRoom(drawn.filter(({ chosen }) => chosen), width);
  return (
    <div className="curves spots" ref={place}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} role="img" aria-label={says}>
        {high.ticks.map(({ at, text }) => (
          <g key={text}>
            <line className="rail" x1={LEFT} x2={width - RIGHT} y1={y(at)} y2={y(at)} />
            <text x={LEFT - 8} y={y(at)} textAnchor="end" dominantBaseline="middle">{text}</text>
          </g>
        ))}
        {wide.ticks.map(({ at, text }) => (
          <text key={text} x={x(at)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">{text}</text>
        ))}
        <text className="axis-title" x={width - RIGHT} y={HEIGHT - 6} textAnchor="end">{across} →</text>
        <text className="axis-title" x={LEFT} y={12}>↑ {up}</text>
        {drawn.map(({ id, name, chosen, left, top, words }) => (
          <g key={id} data-chosen={chosen || undefined} onClick={() => onChoose(id)}>
            <circle cx={left} cy={top} r={chosen ? 5.5 : 3.5}>
              <title>{words}</title>
            </circle>
            {named.has(id) ? <text className="halo" x={left + (left > width / 2 ? -9 : 9)} y={top - 7} textAnchor={left > width / 2 ? 'end' : 'start'}>{name}</text> : undefined}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Room that a name takes, in pixels: a letter, and a line. */
const LETTER = 6.5;
const LINE = 13;

interface Named {
  readonly id: string;
  readonly name: string;
  readonly left: number;
  readonly top: number;
}

/** The spots whose names lie on no other name; the rest are told by the title of their spot. */
function withRoom(spots: readonly Named[], width: number): ReadonlySet<string> {
  const taken: { readonly id: string; readonly from: number; readonly to: number; readonly top: number }[] = [];
  for (const { id, name, left, top } of spots) {
    const length = name.length * LETTER + 9;
    const [from, to] = left > width / 2 ? [left - length, left] : [left, left + length];
    if (!taken.some((other) => from < other.to && to > other.from && Math.abs(other.top - top) < LINE)) taken.push({ id, from, to, top });
  }
  return new Set(taken.map(({ id }) => id));
}
