import type { ReactNode } from 'react';

const SIZE = 300;
const [LEFT, TOP, SIDE] = [50, 8, SIZE - 62];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Where a share lies from the left. */
export const x = (share: number): number => LEFT + share * SIDE;
/** Where a share lies from above. */
export const y = (share: number): number => TOP + (1 - share) * SIDE;

/** A square from 0 to 1 both ways, with its axes named; holds what is drawn in it. */
export function UnitSquare({ across, up, says, children }: { readonly across: string; readonly up: string; readonly says: string; readonly children: ReactNode }) {
  return (
    <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={says}>
      {TICKS.map((tick) => (
        <g key={tick}>
          <line className="gridline" x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
          <line className="gridline" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
          <text x={x(tick)} y={y(0) + 14} textAnchor="middle">{tick}</text>
          {tick === 0 ? undefined : <text x={LEFT - 5} y={y(tick) + 4} textAnchor="end">{tick}</text>}
        </g>
      ))}
      {children}
      <text x={x(0.5)} y={SIZE - 14} textAnchor="middle">{across}</text>
      <text transform={`translate(11 ${y(0.5)}) rotate(-90)`} textAnchor="middle">{up}</text>
    </svg>
  );
}
