/** A point of a curve: both of its numbers lie between 0 and 1. */
export type Place = readonly [x: number, y: number];

/** One curve with its name. */
export interface Line {
  readonly name: string;
  readonly points: readonly Place[];
  /** What stands behind its name. */
  readonly says: string;
  /** The one that it is all about. */
  readonly chosen: boolean;
}

const SIZE = 300;
const [LEFT, TOP, SIDE] = [50, 8, SIZE - 62];
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const x = (share: number): number => LEFT + share * SIDE;
const y = (share: number): number => TOP + (1 - share) * SIDE;
const path = (points: readonly Place[]): string => points.map(([across, up], i) => `${i === 0 ? 'M' : 'L'}${x(across).toFixed(2)} ${y(up).toFixed(2)}`).join('');

/** Curves in the unit square, with the line of chance; those that are not chosen are told apart by their dashes. */
export function Curve({ lines, chance, across, up, says }: { readonly lines: readonly Line[]; readonly chance: readonly Place[]; readonly across: string; readonly up: string; readonly says: string }) {
  return (
    <div className="curve">
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={says}>
        {TICKS.map((tick) => (
          <g key={tick}>
            <line className="gridline" x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
            <line className="gridline" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
            <text x={x(tick)} y={y(0) + 14} textAnchor="middle">{tick}</text>
            {tick === 0 ? undefined : <text x={LEFT - 5} y={y(tick) + 4} textAnchor="end">{tick}</text>}
          </g>
        ))}
        <path className="chance" d={path(chance)} />
        {lines.map(({ name, points, chosen }, i) => (
          <path key={name} className="trace" data-chosen={chosen || undefined} data-dash={chosen ? undefined : i % 4} d={path(points)} />
        ))}
        <text x={x(0.5)} y={SIZE - 14} textAnchor="middle">{across}</text>
        <text transform={`translate(11 ${y(0.5)}) rotate(-90)`} textAnchor="middle">{up}</text>
      </svg>
      <ul className="legend" aria-hidden="true">
        {lines.map(({ name, says: figure, chosen }, i) => (
          <li key={name} data-chosen={chosen || undefined}>
            <svg width="26" height="8"><path className="trace" data-chosen={chosen || undefined} data-dash={chosen ? undefined : i % 4} d="M0 4L26 4" /></svg>
            {name} {figure}
          </li>
        ))}
      </ul>
    </div>
  );
}
