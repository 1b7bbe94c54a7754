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
  const drawn = [...spots].sort((a, b) => Number(a.chosen) - Number(b.chosen));
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
        {drawn.map(({ id, name, chosen, x: own, y: value }) => {
          const [left, top] = [x(wide.at(own) ?? 0), y(high.at(value) ?? 0)];
          return (
            <g key={id} data-chosen={chosen || undefined} onClick={() => onChoose(id)}>
              <circle cx={left} cy={top} r={chosen ? 5.5 : 3.5}>
                <title>{`${name}: ${own}, ${value}`}</title>
              </circle>
              {chosen ? <text className="halo" x={left + (left > width - 110 ? -9 : 9)} y={top - 7} textAnchor={left > width - 110 ? 'end' : 'start'}>{name}</text> : undefined}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
