import { useState } from 'react';
import { scaleOf } from './scale.js';
import { Key, type Keyed } from './strokes.js';
import { useWidth } from './use-width.js';

/** A line through points, by step. */
export interface Curve extends Keyed {
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

const HEIGHT = 260;
const LEFT = 58;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;

/** Curves on one scale of steps and one of values; a point that is no number leaves a gap. */
export function Curves({ curves, says }: { readonly curves: readonly Curve[]; readonly says: string }) {
  const [near, point] = useState<string>();
  const [place, width] = useWidth();
  const points = curves.flatMap((curve) => curve.points);
  const [across, up] = [scaleOf(points.map(({ step }) => step)), scaleOf(points.map(({ value }) => value))];
  const x = (share: number): number => LEFT + share * (width - LEFT - RIGHT);
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  return (
    <div className="curves" ref={place}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} role="img" aria-label={says}>
        {up.ticks.map(({ at, text }) => (
          <g key={text}>
            <line className="rail" x1={LEFT} x2={width - RIGHT} y1={y(at)} y2={y(at)} />
            <text x={LEFT - 8} y={y(at)} textAnchor="end" dominantBaseline="middle">{text}</text>
          </g>
        ))}
        {across.ticks.map(({ at, text }) => (
          <text key={text} x={x(at)} y={HEIGHT - 6} textAnchor="middle">{text}</text>
        ))}
        {curves.map(({ id, stroke: { tone, dash }, points: own }) => (
          <g key={id} data-tone-of={tone} data-near={near === id || undefined} data-far={(near !== undefined && near !== id) || undefined} onPointerEnter={() => point(id)} onPointerLeave={() => point(undefined)}>
            {stretches(own).map((stretch, i) => {
              const places = stretch.map(({ step, value }) => `${x(across.at(step) ?? 0).toFixed(1)},${y(up.at(value) ?? 0).toFixed(1)}`);
              return places.length === 1 ? <circle key={i} cx={places[0]?.split(',')[0]} cy={places[0]?.split(',')[1]} r="4" /> : <polyline key={i} points={places.join(' ')} strokeDasharray={dash} />;
            })}
          </g>
        ))}
      </svg>
      <Key lines={curves} near={near} onNear={point} />
    </div>
  );
}

/** The parts of a curve between values that are no numbers. */
function stretches(points: Curve['points']): readonly Curve['points'][] {
  const parts: { step: number; value: number }[][] = [[]];
  for (const each of points) {
    if (Number.isFinite(each.value)) parts.at(-1)?.push(each);
    else parts.push([]);
  }
  return parts.filter(({ length }) => length > 0);
}
